/** What is known of a binary package of the host's architecture. */
export interface PackageFacts {
  name: string
  architecture: string
  /** man 7 deb-control, Multi-Arch */
  multiArch: string
  holds: Holdings
}

/** What kinds of files a package has, as far as it matters here. */
export interface Holdings {
  /** Programs in PATH. */
  programs: boolean
  /** What others link: libraries where a linker looks for them. */
  libraries: boolean
  /** Compiled modules of perl or python. */
  modules: boolean
}

export const HOLDS_NOTHING: Holdings = {programs: false, libraries: false, modules: false}

/** What a package of an archive is to a CPU that has none. */
export type StubKind =
  /** Its files are the same on any CPU. */
  | {kind: 'for-all'}
  /** What it does, its twin does: a stub package takes its place. */
  | {kind: 'tool'; why: 'listed' | 'foreign' | 'programs' | 'modules'}
  /** It has to be built. */
  | {kind: 'library'}
  /** A tool whose twin would make code of the host: it has to be built too. */
  | {kind: 'refused'; why: string}

/** What is said of single packages: names, in which `*` stands for anything. */
export interface StubLists {
  tools: readonly string[]
  libraries: readonly string[]
  refused: readonly {packages: readonly string[]; why: string}[]
}

/** Debian Policy 8.4: what is for those who compile with a library. */
const DEVELOPMENT = /-dev$/

/**
 * What a package is: as a list says; else by `Multi-Arch`, which says whether a package of any architecture will do
 * (https://wiki.debian.org/Multiarch/HOWTO); else by its files.
 */
export function kindOf(pack: PackageFacts, lists: StubLists): StubKind {
  const {name, architecture, multiArch, holds} = pack
  if (architecture === 'all') return {kind: 'for-all'}
  const refused = lists.refused.find(({packages}) => isListed(name, packages))
  if (refused) return {kind: 'refused', why: refused.why}
  if (isListed(name, lists.tools)) return {kind: 'tool', why: 'listed'}
  if (isListed(name, lists.libraries)) return {kind: 'library'}
  if (multiArch === 'foreign') return {kind: 'tool', why: 'foreign'}
  if (holds.libraries || DEVELOPMENT.test(name)) return {kind: 'library'}
  if (holds.modules) return {kind: 'tool', why: 'modules'}
  return holds.programs && multiArch !== 'same' ? {kind: 'tool', why: 'programs'} : {kind: 'library'}
}

const isListed = (name: string, list: readonly string[]) => list.some(entry => patternOf(entry).test(name))

const patterns = new Map<string, RegExp>()

/** A list is asked about every package of an archive. */
function patternOf(entry: string): RegExp {
  const known = patterns.get(entry)
  if (known) return known
  const pattern = new RegExp(`^${entry.replace(/[.+?^$()|[\]\\{}]/g, '\\$&').replaceAll('*', '.*')}$`)
  patterns.set(entry, pattern)
  return pattern
}

/** The lists of a user, which come first, and those that there are. */
export const joinLists = (own: StubLists, given: StubLists): StubLists => {
  const said = [...own.tools, ...own.libraries, ...own.refused.flatMap(({packages}) => packages)]
  const rest = (names: readonly string[]) => names.filter(name => !said.includes(name))
  return {
    tools: [...own.tools, ...rest(given.tools)],
    libraries: [...own.libraries, ...rest(given.libraries)],
    refused: [...own.refused, ...given.refused.map(({packages, why}) => ({packages: rest(packages), why}))],
  }
}
