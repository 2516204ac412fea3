import type {Mode} from '../session/mode.js'

/**
 * Why two builds differ at a place, where that is known to be harmless:
 * - `compiler-revision`: the compiler is a skewed twin, and says its revision in `.comment`
 * - `build-id`, `debug-link`: hashes of a file that has such a `.comment`
 * - `checksum`: hash or size of another file of the tree, which differs, and is judged by itself
 * - `run-log`: a log of what a build did and when, not what it made
 * - `elsewhere`: only tells of another file of the tree, which is compared itself
 * - `not-reproducible`: two builds of one mode differ there as well
 */
export type Cause = 'compiler-revision' | 'build-id' | 'debug-link' | 'checksum' | 'run-log' | 'elsewhere' | 'not-reproducible' | 'none'

/** One place where two builds of the same differ. */
export interface Difference {
  /** Within the file: a section, a line, a member of an archive. The same place has the same name in each comparison. */
  place: string
  /** What is there in the hybrid build and in the emulated one, in this order, for a person. */
  detail: string
  cause: Cause
  /** Where it is one line of a text: both. */
  lines?: {hybrid: string; emulated: string}
}

/** What a comparison may take as explained. */
export interface CompareRules {
  /** `near`: the environment's compiler is a skewed twin, see docs/design/same-program.md. */
  compiler: 'exact' | 'skewed'
  /** The name that a file of the first build has in the second, where a build id is part of it. */
  rename: (name: string) => string
}

/** For two builds of one mode: nothing may differ. */
export const SAME_MODE: CompareRules = {compiler: 'exact', rename: name => name}

export const different = (place: string, detail: string, cause: Cause = 'none'): Difference => ({place, detail, cause})

/** A directory of debug files is named by the first digits of build ids; what is in it is compared under its own names. */
const isBuildIdDirectory = (name: string) => /\.build-id\/[0-9a-f]{2}\/?$/.test(name)

/** What only one of the two has. */
export const onlyIn = (which: Mode, place: string, name: string, {compiler}: CompareRules): Difference =>
  different(place, `only the ${which} build has it`, compiler === 'skewed' && isBuildIdDirectory(name) ? 'build-id' : 'none')

/** Text as part of a message: on one line, not too long, nothing that a terminal would obey. */
export function quote(text: string, limit = 100): string {
  const plain = text.replace(/\p{Cc}/gu, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return plain.length > limit ? `${plain.slice(0, limit)}…` : plain
}
