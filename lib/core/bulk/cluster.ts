import type {Job} from './queue.js'

/** A job as the cluster's scheduler tells of it. */
export interface ClusterJob {
  id: string
  name: string
  /** Slurm's word: PENDING, RUNNING, NODE_FAIL … man 1 squeue, "JOB STATE CODES". */
  state: string
  /** Why it waits, or ended. */
  reason: string
  /** Where it runs, or ran. */
  node: string | undefined
}

/** A node of the cluster, as users see it. */
export interface ClusterNode {
  name: string
  /** Slurm's word: idle, mixed, allocated, down*, draining … man 1 sinfo, "NODE STATE CODES". */
  state: string
  processors: number
  /** That jobs have. */
  busy: number
  load: number | undefined
  /** Why it takes no jobs. */
  reason: string | undefined
}

/** What squeue(1) and sinfo(1) are asked to print of each job and node. */
export const QUEUE_FORMAT = '%i|%T|%r|%B|%j'
export const NODES_FORMAT = '%N|%T|%C|%O|%E'

/** Lines that are none of the format are nobody's: sites' wrappers greet. */
export function parseQueue(text: string): ClusterJob[] {
  return text.split('\n').flatMap((line): ClusterJob[] => {
    const [id = '', state = '', reason = '', node = '', ...name] = line.trim().split('|')
    if (!/^\d+$/.test(id) || name.length === 0) return []
    return [{id, state, reason, node: node === 'n/a' || node === '' ? undefined : node, name: name.join('|')}]
  })
}

/** A node that is in two partitions is listed twice. */
export function parseNodes(text: string): ClusterNode[] {
  const nodes = new Map<string, ClusterNode>()
  for (const line of text.split('\n')) {
    const [name = '', state = '', counts = '', load = '', ...reason] = line.trim().split('|')
    const [busy, , , processors] = counts.split('/').map(Number)
    if (busy === undefined || processors === undefined || !Number.isSafeInteger(processors)) continue
    const why = reason.join('|')
    nodes.set(name, {
      name,
      state,
      processors,
      busy,
      load: Number.isNaN(Number.parseFloat(load)) ? undefined : Number(load),
      reason: why === 'none' || why === '' ? undefined : why,
    })
  }
  return [...nodes.values()]
}

/** Whether a node takes jobs, now or when others have ended. `*`: it does not answer. */
export const takesJobs = ({state}: ClusterNode): boolean => /^(idle|mixed|allocated|completing|planned|reserved)[+$@%^]?$/.test(state)

/** What became of a job, whatever it left. */
export type JobFate =
  | {kind: 'waits'; why: string}
  | {kind: 'runs'}
  | {kind: 'ended'}
  /** It was ended, or never began, by no doing of its own. */
  | {kind: 'lost'; why: string}

/** man 1 squeue, "JOB STATE CODES". */
export function fateOf({state, reason, node}: ClusterJob): JobFate {
  const where = node === undefined ? '' : ` on ${node}`
  switch (state) {
    case 'PENDING':
    case 'REQUEUED':
    case 'REQUEUE_FED':
    case 'REQUEUE_HOLD':
    case 'SPECIAL_EXIT':
    case 'RESV_DEL_HOLD':
      return {kind: 'waits', why: reason}
    case 'COMPLETED':
    case 'FAILED':
      return {kind: 'ended'}
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return {kind: 'lost', why: node === undefined ? 'its node was lost' : `node ${node} was lost`}
    case 'CANCELLED':
    case 'REVOKED':
      return {kind: 'lost', why: `its job was cancelled${where}`}
    case 'PREEMPTED':
      return {kind: 'lost', why: `its job was preempted${where}`}
    case 'TIMEOUT':
    case 'DEADLINE':
      return {kind: 'lost', why: `its job was ended${where}: it was over Slurm's limit of time`}
    case 'OUT_OF_MEMORY':
      return {kind: 'lost', why: `its job was ended${where}: it was over Slurm's limit of memory`}
    default: // RUNNING, CONFIGURING, COMPLETING, SUSPENDED, STOPPED, SIGNALING, STAGE_OUT, RESIZING
      return {kind: 'runs'}
  }
}

/** What a job is called: by that it is found again, whoever asks. */
export const jobName = (run: string, {package: name, attempt, way}: Job): string => `xbuild:${run}:${name}:${attempt}:${way}`

export const jobPrefix = (run: string): string => `xbuild:${run}:`

/** What sbatch(1) says where it is not the job's fault that it was not taken: the next time it may be. */
const PASSING_REFUSALS =
  /unable to contact|timed out|connection (refused|reset)|communication|temporarily|unable to establish|zero bytes|no route to host|backup controller|submit limit|job (submit|violates)|controller.*not respond|slurmctld.*down/i

export const isPassingRefusal = (message: string): boolean => PASSING_REFUSALS.test(message)
