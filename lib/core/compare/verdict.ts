import type {Mode} from '../session/mode.js'
import type {Cause, Difference} from './difference.js'
import type {BuildGuess} from './guess-build.js'
import type {Leak} from './leaks.js'

/**
 * - `explained`: each difference has a stated and harmless cause
 * - `not-reproducible`: the others are at places where two builds of one mode differ as well
 * - `different`: at least one difference has no stated cause
 */
export type FileClass = 'identical' | 'explained' | 'not-reproducible' | 'different'

export interface FileResult {
  path: string
  class: Exclude<FileClass, 'identical'>
  differences: readonly Difference[]
  /** What diffoscope says, where it is installed. */
  diffoscope?: string
}

export interface BuildRun {
  /** `hybrid`, `hybrid-2` …, `emulated` */
  name: string
  mode: Mode
  exitCode: number
  seconds: number
}

/** What the builds printed: for information. */
export type OutputComparison = {kind: 'same'} | {kind: 'not-reproducible'} | {kind: 'different'; detail: string}

export interface VerifyResult {
  environment: string
  directory: string
  build: {command: string} | BuildGuess
  sourceDateEpoch: string
  runs: readonly BuildRun[]
  output: OutputComparison
  /** Of the files that a build made, changed or removed, in any of the runs. */
  counts: Record<FileClass, number>
  /** All but the identical ones. */
  files: readonly FileResult[]
  leaks: readonly ({path: string} & Leak)[]
  /** Too large to be searched for leaks. */
  notSearched: readonly string[]
  verdict: Verdict
}

export type Verdict = 'identical' | 'explained' | 'different'

/** The class of a file with these differences: the worst of them. */
export function classOf(differences: readonly Difference[]): FileClass {
  if (differences.length === 0) return 'identical'
  if (differences.some(({cause}) => cause === 'none')) return 'different'
  return differences.some(({cause}) => cause === 'not-reproducible') ? 'not-reproducible' : 'explained'
}

/** Differences at places where two builds of one mode differ as well tell nothing of the modes. */
export const settle = (differences: readonly Difference[], unsteady: ReadonlySet<string>): Difference[] =>
  differences.map(difference =>
    difference.cause === 'none' && unsteady.has(difference.place) ? {...difference, cause: 'not-reproducible'} : difference,
  )

export function verdictOf(result: Pick<VerifyResult, 'runs' | 'files' | 'leaks'>): Verdict {
  const ends = new Set(result.runs.map(run => run.exitCode))
  if (ends.size > 1 || result.leaks.length > 0 || result.files.some(file => file.class === 'different')) return 'different'
  return result.files.length > 0 ? 'explained' : 'identical'
}

/** In the order in which they are told. */
export const CAUSES: Record<Exclude<Cause, 'none'>, string> = {
  'compiler-revision': "the compiler's revision string",
  'build-id': 'build ids',
  'debug-link': 'links to debug files',
  checksum: 'checksums and sizes of other files',
  elsewhere: "thin archives' notes of their members' sizes",
  'run-log': 'logs and times of the run',
  'not-reproducible': 'what two hybrid builds do not have the same either',
}

/** One sentence; "identical" without more only where all bytes are. */
export function verdictLine(result: Pick<VerifyResult, 'verdict' | 'files' | 'leaks' | 'runs' | 'counts'>): string {
  switch (result.verdict) {
    case 'identical':
      return 'hybrid and emulated are identical'
    case 'explained': {
      const causes = new Set(result.files.flatMap(file => file.differences.map(difference => difference.cause)))
      const told = Object.entries(CAUSES).flatMap(([cause, text]) => (causes.has(cause as Cause) ? [text] : []))
      return `hybrid and emulated are identical but for ${joinWords(told)}`
    }
    case 'different':
      return `hybrid and emulated are not the same: ${joinWords(troubles(result))}`
  }
}

function troubles({runs, counts, leaks}: Pick<VerifyResult, 'runs' | 'counts' | 'leaks'>): string[] {
  const ends = new Set(runs.map(run => run.exitCode))
  return [
    ...(ends.size > 1 ? [`the builds ended with ${runs.map(run => `${run.exitCode} (${run.name})`).join(' and ')}`] : []),
    ...(counts.different > 0 ? [`${count(counts.different, 'file')} without a stated cause`] : []),
    ...(leaks.length > 0 ? [count(leaks.length, 'leak')] : []),
  ]
}

export const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`

const joinWords = (words: readonly string[]) =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
