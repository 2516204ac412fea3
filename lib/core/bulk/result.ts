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
  files: readonly {name: string; size: number; sha256: string}[]
  /** The names of tests that failed, the first hundred. */
  failedTests: readonly string[]
  error: FirstError | undefined
  /** Why twins could not be had: then it was slower than it could be. */
  twinsFailed: string | undefined
  ledger: AttemptLedger | undefined
  /** With the archive's own packages, where that was asked for. */
  archive: readonly ArchiveComparison[] | undefined
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
