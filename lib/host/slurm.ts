import {
  type ClusterJob,
  type ClusterNode,
  isPassingRefusal,
  NODES_FORMAT,
  parseNodes,
  parseQueue,
  QUEUE_FORMAT,
} from '../core/bulk/cluster.js'
import {XbuildError} from '../core/errors.js'
import {plainVariables} from './programs.js'
import {type RunResult, run} from './run.js'

/** A job to be submitted. */
export interface JobRequest {
  name: string
  /** A shell script. */
  script: string
  processors: number
  /** Minutes after which Slurm ends it. */
  minutes: number
  /** Bytes; undefined: as the cluster has it. */
  memory: number | undefined
  partition: string | undefined
  /** Nodes that it is to keep off. */
  exclude: readonly string[]
  /** Whether others may have jobs on its node meanwhile. */
  node: 'shared' | 'its-own'
}

export type Submitted =
  | {kind: 'taken'; id: string}
  /** Whether it was taken all the same is not known: an answer may have been lost. */
  | {kind: 'not-now'; why: string}

/** What is asked of a cluster. */
export interface Cluster {
  /** Throws `bad-settings` where the cluster will never take it. */
  submit(job: JobRequest): Promise<Submitted>
  /** This user's jobs, and those that ended some minutes ago; undefined where the cluster does not answer. */
  jobs(): Promise<ClusterJob[] | undefined>
  nodes(partition: string | undefined): Promise<ClusterNode[] | undefined>
  /** `waiting`: those that have not begun. Jobs that have ended, or are not known any more, are left alone. */
  cancel(ids: readonly string[], how: 'ask' | 'kill' | 'waiting'): Promise<void>
}

/** Variables that a job has of whoever submits it: where Slurm is, this program's settings, and proxies. man 1 sbatch, "INPUT ENVIRONMENT VARIABLES" */
const PASSED = /^(SLURM_CONF|SBATCH_\w+|USER|LOGNAME|XBUILD_\w+|(http|https|ftp|no|all)_proxy)$/i

function slurmVariables(): Record<string, string> {
  const passed = Object.entries(process.env).filter((one): one is [string, string] => PASSED.test(one[0]) && one[1] !== undefined)
  return {...plainVariables(), ...Object.fromEntries(passed)}
}

/** Jobs that one scancel(1) is told of. */
const MOST_AT_ONCE = 500

/** MiB, upwards. */
const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20)

/** Without a signal it sends TERM, later KILL, and takes those from the queue that wait. man 1 scancel */
const CANCEL = {ask: [], kill: ['--signal=KILL', '--full'], waiting: ['--state=PENDING']} as const

/** Slurm, by its own programs. */
export const slurm: Cluster = {
  async submit({name, script, processors, minutes, memory, partition, exclude, node}) {
    const {exitCode, stdout, stderr} = await runSlurm(
      'sbatch',
      [
        '--parsable',
        '--no-requeue', // an attempt that is lost is written down, and begun elsewhere, by the run
        '--ntasks=1',
        `--cpus-per-task=${processors}`,
        `--time=${minutes}`,
        `--job-name=${name}`,
        '--chdir=/',
        '--output=/dev/null', // where the shared directory is away, no job could begin
        ...(memory === undefined ? [] : [`--mem=${mebibytes(memory)}`]),
        ...(partition === undefined ? [] : [`--partition=${partition}`]),
        ...(exclude.length === 0 ? [] : [`--exclude=${exclude.join(',')}`]),
        ...(node === 'its-own' ? ['--exclusive'] : []),
      ],
      script,
    )
    const id = /^(\d+)(;.*)?$/m.exec(stdout)?.[1]
    if (exitCode === 0 && id !== undefined) return {kind: 'taken', id}
    const why = lastLine(stderr) ?? `sbatch ended with ${exitCode}`
    if (isPassingRefusal(stderr)) return {kind: 'not-now', why}
    throw new XbuildError('bad-settings', `Slurm takes no job: ${why}`, {
      hint: 'see what it has: sinfo; choose: --partition NAME; what sbatch is to be told besides is set by its variables, as SBATCH_ACCOUNT=NAME',
    })
  },

  async jobs() {
    const {exitCode, stdout} = await runSlurm('squeue', ['--me', '--noheader', '--states=all', `--format=${QUEUE_FORMAT}`])
    return exitCode === 0 ? parseQueue(stdout) : undefined
  },

  async nodes(partition) {
    const of = partition === undefined ? [] : [`--partition=${partition}`]
    const {exitCode, stdout} = await runSlurm('sinfo', ['--Node', '--noheader', `--format=${NODES_FORMAT}`, ...of])
    return exitCode === 0 ? parseNodes(stdout) : undefined
  },

  async cancel(ids, how) {
    for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
      const some = ids.slice(at, at + MOST_AT_ONCE)
      await runSlurm('scancel', [...CANCEL[how], ...some])
    }
  },
}

/** Runs a command on one node, as soon as that has a processor free: within so many seconds, or not. */
export const runOnNode = (node: string, partition: string | undefined, argv: readonly string[], patience: number): Promise<RunResult> =>
  runSlurm('srun', [
    `--nodelist=${node}`,
    '--nodes=1',
    '--ntasks=1',
    '--chdir=/',
    `--immediate=${patience}`,
    '--quiet',
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...argv,
  ])

/** Whether Slurm answers, and what it says where it does not. */
export async function pingSlurm(): Promise<{answers: boolean; said: string}> {
  const {exitCode, stdout, stderr} = await runSlurm('scontrol', ['ping'])
  return {answers: exitCode === 0 && / is UP/.test(stdout), said: lastLine(stderr) ?? lastLine(stdout) ?? ''}
}

function runSlurm(program: string, args: readonly string[], input?: string): Promise<RunResult> {
  return run(program, args, {variables: slurmVariables(), ...(input === undefined ? {} : {input})})
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) || undefined
