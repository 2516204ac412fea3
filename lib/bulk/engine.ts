import type {AttemptEnd, Phase} from '../core/bulk/events.js'
import type {Job} from '../core/bulk/queue.js'
import type {LiveNode} from '../core/bulk/summary.js'

/** What starts attempts, and tells how they end: on this machine, or on others. */
export interface Engine {
  /** How many attempts may run at once now; it may change from one moment to the next. */
  slots(): number
  /** How many attempts may be submitted at once: where the way to a slot is long, more than there are slots. */
  capacity(): number
  /** Whether it sees to it itself that what is to be tried alone has a machine of its own. */
  readonly isolates: boolean
  /** Begins an attempt. `jobs`: processes that its build may have at work at once. */
  submit(job: Job, jobs: number): void
  /** What happened since the last call; waits at most so many ms for something. */
  poll(timeoutMs: number): Promise<EngineReport[]>
  /** Tells all attempts to end, or those that wait for a slot; they are reported as any. */
  cancel(how: 'ask' | 'kill' | 'waiting'): void
  /** What an attempt that an earlier process began left as its result. */
  find(job: Job): AttemptEnd | undefined
  /** Of attempts that an earlier process began and that left no result: those that run on, and are reported as any. */
  adopt(jobs: readonly Job[]): Promise<readonly Job[]>
  /** The machines, where there are several. */
  nodes(): readonly LiveNode[] | undefined
}

export type EngineReport =
  | {kind: 'phase'; job: Job; phase: Phase; node?: string}
  | {kind: 'ended'; job: Job; end: AttemptEnd}
  /** What starts attempts does not answer: what runs goes on meanwhile. */
  | {kind: 'away'; why: string}
  | {kind: 'back'}
