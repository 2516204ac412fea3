import {randomBytes} from 'node:crypto'
import {resolve} from 'node:path'
import {attemptFrom} from '../bulk/attempt-from.js'
import {feedName} from '../bulk/cluster/node-attempt.js'
import {shareRun} from '../bulk/cluster/share.js'
import {type AttemptOrder, type ClusterChoice, jobScript, type SharedRun} from '../bulk/cluster/shared-run.js'
import {SlurmEngine} from '../bulk/cluster/slurm-engine.js'
import type {RunDirectory} from '../bulk/run-directory.js'
import type {BulkPlan, PlannedPackage} from '../core/bulk/plan.js'
import type {Job} from '../core/bulk/queue.js'
import type {RunState} from '../core/bulk/state.js'
import {XbuildError} from '../core/errors.js'
import type {Store} from '../environment/store.js'
import {slurm} from '../host/slurm.js'
import {parseJobs} from './build-input.js'
import {note} from './output.js'

export interface EngineOptions {
  engine?: string
  partition?: string
  shared?: string
  nodeData?: string
  jobs?: string
  slots?: string
}

const ENGINES = ['local', 'slurm']

/** undefined: on this machine. */
export function chooseEngine(options: EngineOptions, store: Store): ClusterChoice | undefined {
  const {engine = 'local', partition, shared, nodeData, jobs, slots} = options
  if (!ENGINES.includes(engine))
    throw new XbuildError('usage', `--engine ${engine}: there is no such engine`, {hint: `one of ${ENGINES.join(', ')}`})
  if (engine === 'local') {
    const odd = Object.entries({'--partition': partition, '--shared': shared, '--node-data': nodeData}).find(
      ([, value]) => value !== undefined,
    )
    if (odd) throw new XbuildError('usage', `${odd[0]} is for a cluster`, {hint: 'with --engine slurm'})
    return undefined
  }
  if (partition !== undefined && !/^[\w.-]+$/.test(partition))
    throw new XbuildError('usage', `"${partition}" is not a partition`, {hint: 'sinfo lists them'})
  return {
    format: 1,
    engine: 'slurm',
    id: randomBytes(4).toString('hex'),
    shared: resolve(shared ?? `${store.home}/shared`),
    nodeData: resolve(nodeData ?? defaultNodeData()),
    partition,
    processors: jobs === undefined ? 1 : parseJobs(jobs),
    slots: slots === undefined ? undefined : parseJobs(slots),
  }
}

/** Of this user, on a disk that outlasts a boot. */
export const defaultNodeData = (): string => `/var/tmp/xbuild-env-${process.geteuid?.()}`

/** What `onOpened` of a run tells, for those that have to know of it. */
export interface Knows {
  state: RunState | undefined
}

/** Has what the nodes need shared, and the cluster looked at. */
export async function openSlurm(
  store: Store,
  directory: RunDirectory,
  plan: BulkPlan,
  choice: ClusterChoice,
  knows: Knows,
  signal: AbortSignal,
): Promise<SlurmEngine> {
  const onExport = (name: string) => note(`bringing environment ${name} to ${choice.shared} …`)
  const run = await shareRun(store, directory, plan, choice, {onExport, signal}).catch(error => {
    throw signal.aborted ? interrupted(plan.name) : error
  })
  const planned = new Map(plan.packages.map(one => [one.name, one]))
  const orderOf = (job: Job) => makeOrder(run, directory, plan, planned.get(job.package) as PlannedPackage, job, knows)
  const scriptOf = (job: Job) => jobScript(run, job, choice)
  const {limits} = plan.settings
  const engine = await SlurmEngine.open({cluster: slurm, run, choice, limits, orderOf, scriptOf}, signal)
  note(`on Slurm: ${engine.nodes().filter(({slots}) => slots > 0).length} nodes with ${engine.slots()} slots`)
  return engine
}

const interrupted = (run: string) =>
  new XbuildError('interrupted', 'interrupted, before anything was built', {
    hint: `go on: xbuild-env packages resume ${run}`,
    exitCode: 130,
  })

function makeOrder(
  run: SharedRun,
  directory: RunDirectory,
  plan: BulkPlan,
  planned: PlannedPackage,
  job: Job,
  {state}: Knows,
): AttemptOrder {
  const from = attemptFrom(directory, plan, planned, job.way, () => {
    if (!state) throw new Error('a job was submitted before its run was opened')
    return state
  })
  const index = from.repositories[0]?.index
  if (index !== undefined) run.putFeed(feedName(index), index)
  return {
    planned,
    attempt: job.attempt,
    way: job.way,
    profiles: from.profiles,
    ...(from.hybrid === undefined ? {} : {hybrid: from.hybrid}),
    ...(index === undefined ? {} : {feed: feedName(index)}),
  }
}
