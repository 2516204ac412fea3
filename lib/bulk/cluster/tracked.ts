import type {Job} from '../../core/bulk/queue.js'

/** An attempt that is the cluster's. */
export interface Tracked {
  readonly job: Job
  readonly name: string
  state:
    | {kind: 'new'}
    /** It is with sbatch. */
    | {kind: 'submitting'}
    /** Whether the cluster took it is seen at the next look. */
    | {kind: 'unsure'; since: number}
    /** `missed`: looks at which the cluster did not know it. */
    | {kind: 'submitted'; id: string; since: number; missed: number}
  node: string | undefined
  told: string
  /** When its job was seen to have ended without a result. */
  endedAt: number | undefined
}
