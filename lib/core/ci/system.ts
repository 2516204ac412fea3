/** CI systems that `ci` prints pipelines for. In a file of its own, since every start of the program reads it. */
export const CI_SYSTEMS = ['github', 'gitlab', 'woodpecker'] as const
export type CiSystem = (typeof CI_SYSTEMS)[number]
