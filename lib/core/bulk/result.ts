import type {Verdict} from '../compare/verdict.js'
import type {FirstError} from '../first-error.js'
import type {Mode} from '../session/mode.js'
import type {ArchiveComparison} from './archive-comparison.js'
import type {AttemptEnd, Phase, Way} from './events.js'

/** What an attempt leaves beside its files: result.json. */
export interface AttemptResult {
  format: 1
  package: string
  version: string
  attempt: number
  way: Way
  mode: Mode
  environment: string
  /** As ISO 8601, by the wall clock. */
  began: string
  end: AttemptEnd
  phases: Partial<Record<Phase, number>>
  jobs: number
  /** Seconds of processor time of xbuild-env itself, without what it ran. */
  builder: number
  files: readonly {name: string; size: number; sha256: string}[]
  /** The names of tests that failed, the first hundred. */
  failedTests: readonly string[]
  error: FirstError | undefined
  /** Why twins could not be had: then it was slower than it could be. */
  twinsFailed: string | undefined
  ledger: AttemptLedger | undefined
  /** With the archive's own packages, where that was asked for. */
  archive: readonly ArchiveComparison[] | undefined
  /** Of an emulated attempt, with the hybrid one's packages, where that was asked for. */
  verification: Verification | undefined
}

export interface Verification {
  verdict: Verdict
  /** The first so many places that differ without a stated cause. */
  differences: readonly {place: string; detail: string}[]
  /** Stated causes of the others, for people. */
  causes: readonly string[]
}

/** What ran native and what emulated: of the distribution's programs, and of the build's own in all. ms. */
export interface AttemptLedger {
  native: number
  emulated: number
  own: number
  rows: readonly LedgerLine[]
}

export interface LedgerLine {
  program: string
  execs: number
  /** ms, emulated. */
  time: number
  why: string
}
