/** Where the schemas of outputs lie, in the project. */
export const SCHEMAS = 'docs/schemas'

/** Of an output, by the words that lead to it: `build --dry-run`. */
export const schemaFile = (name: string) => `${name.toLowerCase().replace(/ -*/g, '-')}.json`
