/** The names in a field of relations, alternatives included. Debian Policy 7.1 */
export const relatedNames = (relations: string): string[] =>
  relations.split(/[,|]/).flatMap(part => /^\s*([a-z0-9][a-z0-9+.-]+)/.exec(part)?.[1] ?? [])

/** Fields of which each name a package may bring with it. */
const BRINGS = /^(?:Pre-Depends|Depends): *(.*)$/gm
const PROVIDES = /^Provides: *(.*)$/m

/** The names of all that packages of an index depend on. */
export const broughtBy = (index: string): string[] => [...index.matchAll(BRINGS)].flatMap(([, relations = '']) => relatedNames(relations))

/**
 * Of packages that can be had, those that installing some of them may bring, whichever alternatives are taken and whoever provides
 * what: a few hundred of an archive's sixty thousand, which apt reads in no time. `control`: a package's fields, a line each.
 */
export function withinReach(names: Iterable<string>, packages: ReadonlyMap<string, {control: string}>): Set<string> {
  const providers = new Map<string, string[]>()
  for (const [name, {control}] of packages) {
    const [, provided] = PROVIDES.exec(control) ?? []
    for (const virtual of provided === undefined ? [] : relatedNames(provided)) {
      providers.set(virtual, [...(providers.get(virtual) ?? []), name])
    }
  }
  const seen = new Set(names)
  for (const name of seen) {
    for (const provider of providers.get(name) ?? []) seen.add(provider)
    for (const brought of broughtBy(packages.get(name)?.control ?? '')) seen.add(brought)
  }
  return new Set([...seen].filter(name => packages.has(name)))
}
