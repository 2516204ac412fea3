/** What is fixed when a run is made, and does not change: its set, and how it is built. */
export interface BulkPlan {
  format: typeof PLAN_FORMAT
  name: string
  /** As new Date().toISOString() */
  made: string
  environment: string
  /** Of the environment: mips64el. */
  architecture: string
  suite: string
  /** An environment of the host's own architecture, for verdicts. */
  native: string | undefined
  settings: BuildSettings
  policy: Policy
  /** Where build dependencies come from: `feed`: from the run, as far as it has built them. */
  against: Against
  /** Which begin first: with the longest, all are done soonest; with the shortest, the most are done at any time. */
  first: First
  packages: readonly PlannedPackage[]
  /** What was asked for, and cannot be built. */
  left: readonly LeftOut[]
}

/** The format of plan.json that this version writes and reads. */
export const PLAN_FORMAT = 1

/** `nothing`: there is no archive; tools are stubs, and all else is built. */
export type Against = 'archive' | 'feed' | 'nothing'

export type First = 'longest' | 'shortest'

/** How each attempt builds. */
export interface BuildSettings {
  checks: 'run' | 'skip'
  /** Of builds: nodoc, nocheck … https://wiki.debian.org/BuildProfileSpec */
  profiles: readonly string[]
  traces: 'kept' | 'none'
  archive: 'compared' | 'not-compared'
  limits: AttemptLimits
}

/** What ends one attempt. */
export interface AttemptLimits {
  /** Seconds in all. */
  time: number
  /** Seconds without output and without processor time. */
  silence: number
  /** Bytes of all its processes together; undefined: no limit. */
  memory: number | undefined
  processes: number
  /** Bytes that the attempt may write; undefined: as many as leave the disk some. */
  disk: number | undefined
}

/** What is done about failures. */
export interface Policy {
  /** Of troubles that are nobody's fault, how often a package is tried again. */
  retries: number
  /** Seconds of experiments for one package. */
  budget: number
  /** What an experiment may be. */
  experiments: readonly Experiment[]
}

export type Experiment = 'alone' | 'native' | 'emulated'

export interface PlannedPackage {
  name: string
  version: string
  section: string
  /** Bytes of its source's files. */
  size: number
  /** Seconds that it may take: by an earlier run, or by its size. */
  expected: number
  /** How many packages of the set need one of its own to be built. */
  dependents: number
  /** Build profiles of its first build, where that comes before all that it needs: it is built again. */
  cut?: readonly string[]
  /** Build profiles of all its builds: without them it would need what cannot be had. */
  profiles?: readonly string[]
  /** It is built emulated, too, and the packages are compared. */
  verify?: 'emulated'
  /** Why what it needs cannot be installed, where that is known before. */
  blocked?: string
  /** Where it is no package of the archives: a path of the host's. */
  path?: string
}

export interface LeftOut {
  word: string
  why: string
  /** What may have been meant. */
  nearest?: string
}
