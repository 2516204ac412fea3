import type {AttemptEnd, Phase} from '../core/bulk/events.js'
import type {Job} from '../core/bulk/queue.js'

/** What starts attempts, and tells how they end: on this machine, or on others. */
export interface Engine {
  /** How many attempts may run at once now; it may change from one moment to the next. */
  slots(): number
  /** Begins an attempt. `jobs`: processes that its build may have at work at once. */
  submit(job: Job, jobs: number): void
  /** What happened since the last call; waits at most so many ms for something. */
  poll(timeoutMs: number): Promise<EngineReport[]>
  /** Tells all attempts to end; they are reported as any. */
  cancel(how: 'ask' | 'kill'): void
  /** What an attempt that an earlier process began left as its result. */
  find(job: Job): AttemptEnd | undefined
}

export type EngineReport = {kind: 'phase'; job: Job; phase: Phase} | {kind: 'ended'; job: Job; end: AttemptEnd}
