import {hostname} from 'node:os'
import {attemptOnNode, type NodeAttemptEnd} from '../bulk/cluster/node-attempt.js'
import {readReasons} from '../config/reasons.js'
import {XbuildError} from '../core/errors.js'
import {parseJobs} from './build-input.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {note} from './output.js'

export interface NodeAttemptOptions {
  jobs: string
  nodeData: string
}

/** EX_CONFIG of sysexits.h: this node cannot build. */
const UNFIT = 78
const STATUS: Record<NodeAttemptEnd, number> = {delivered: 0, there: 0, interrupted: 130, unfit: UNFIT}

/** What a cluster's jobs run: one attempt. */
export async function packagesAttempt(path: string, name: string, number: string, options: NodeAttemptOptions): Promise<number> {
  const attempt = Number(number)
  if (!Number.isSafeInteger(attempt)) throw new XbuildError('usage', `${number} is not an attempt`, {hint: 'it is a number, from 1'})
  const {settings} = await openContext({data: options.nodeData})
  const interruption = onInterruption('the package is built when the run goes on')
  const {SLURMD_NODENAME: node = hostname(), SLURM_JOB_ID: job = `process-${process.pid}`} = process.env
  const end = await attemptOnNode({
    path,
    package: name,
    attempt,
    jobs: parseJobs(options.jobs),
    nodeData: options.nodeData,
    node,
    job,
    binfmt: settings.binfmt,
    reasons: await readReasons(),
    onNote: note,
    signal: interruption.signal,
  })
  return STATUS[end]
}
