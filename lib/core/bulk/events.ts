import type {Verdict as Comparison} from '../compare/verdict.js'
import type {ArchiveClass} from './archive-comparison.js'

/** How an attempt builds a package. */
export type Way =
  /** As all are built first. */
  | 'hybrid'
  /** The same, while nothing else is built. */
  | 'alone'
  /** Every program under qemu. */
  | 'emulated'
  /** In an environment of the host's own architecture. */
  | 'native'
  /** Without its tests, for those that need it: where these fail, and pass natively. */
  | 'untested'

/** Troubles that pass by themselves, and that all others would have too: the run waits, and a package is tried as often as it takes. */
export const PASSING: readonly Trouble[] = ['away', 'disk', 'busy']

export const WAYS: readonly Way[] = ['hybrid', 'alone', 'emulated', 'native', 'untested']

/** What a build goes through. */
export type Phase =
  /** It waits for a place on a cluster's node. */
  'queue' | 'start' | 'fetch' | 'unpack' | 'stubs' | 'look' | 'twins' | 'install' | 'build' | 'results' | 'compare'

/** What an attempt may not go beyond. */
export type Limit = 'time' | 'silence' | 'memory' | 'processes' | 'disk'

/** What is nobody's package's fault. */
export type Trouble =
  /** The mirror has no such file any more. */
  | 'gone'
  /** The mirror cannot be reached. */
  | 'away'
  /** A sum or a signature does not match. */
  | 'damaged'
  /** The disk is full. */
  | 'disk'
  /** Somebody else's session has the environment. */
  | 'busy'
  /** The attempt's process ended without a word. */
  | 'lost'
  /** A cluster's: the node was lost, or the job was ended by somebody or by a limit of the cluster's. */
  | 'node'

/** How an attempt ended. `seconds` is its whole time, by a clock that does not jump. */
export type AttemptEnd =
  | {
      kind: 'built'
      seconds: number
      share?: number
      tests?: {passed: number; failed: number}
      archive?: ArchiveClass | 'none'
      /** Of an emulated attempt: how its packages compare with those of the hybrid one. */
      verified?: Comparison
    }
  | {kind: 'failed'; seconds: number; phase: Phase; why: string; exitCode: number; reason?: string; share?: number}
  | {kind: 'limit'; seconds: number; phase: Phase; limit: Limit; why: string}
  /** What it needs cannot be installed from these archives. */
  | {kind: 'blocked'; seconds: number; why: string}
  | {kind: 'infrastructure'; seconds: number; phase: Phase; trouble: Trouble; why: string}
  /** It was told to end. */
  | {kind: 'interrupted'; seconds: number}

/** Whose fault a failure is. `flaky`: it passed the second time, alone. */
export type Verdict = 'package' | 'emulator' | 'twin' | 'sandbox' | 'infrastructure' | 'flaky' | 'unclear'

export const VERDICTS: readonly Verdict[] = ['package', 'emulator', 'twin', 'sandbox', 'infrastructure', 'flaky', 'unclear']

/** What happened in a run: a line of its journal each. `at` is the wall clock's, ms, for people: nothing is computed from it. */
export type RunEvent =
  /** `running`: packages whose attempts somebody else has begun, and that run on. */
  | {kind: 'opened'; at: number; pid: number; running?: readonly string[]}
  /** `without`: packages of the run that it needs and that nobody has built yet: it had the archive's. */
  | {kind: 'begun'; at: number; package: string; attempt: number; way: Way; without?: readonly string[]}
  | {kind: 'ended'; at: number; package: string; attempt: number; end: AttemptEnd}
  | {kind: 'judged'; at: number; package: string; verdict: Verdict; why: string}
  /** They are built again from the start. */
  | {kind: 'again'; at: number; packages: readonly string[]}
  | {kind: 'waits'; at: number; why: string}
  | {kind: 'goes-on'; at: number}
  | {kind: 'closed'; at: number; why: 'done' | 'stopped' | 'trouble'}
