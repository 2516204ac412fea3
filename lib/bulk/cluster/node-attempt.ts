import {createHash} from 'node:crypto'
import {join} from 'node:path'
import type {KnownReason} from '../../core/bulk/log.js'
import {XbuildError} from '../../core/errors.js'
import type {Binfmt} from '../../host/binfmt.js'
import type {SiteRepository} from '../../packages/site-repository.js'
import {runAttempt} from '../attempt.js'
import {readResult} from '../attempt-result.js'
import {feedRepository} from '../feed.js'
import {deliver, waitForRun} from './deliver.js'
import {checkNode, nodeHome, nodeStore, UnfitError, withPlace} from './node-store.js'
import {type AttemptOrder, SharedRun} from './shared-run.js'
import {downloadsOf, noteUse} from './unused-data.js'

export interface NodeAttemptInput {
  /** The run's part of the shared directory. */
  path: string
  package: string
  attempt: number
  jobs: number
  nodeData: string
  /** As the cluster calls this machine. */
  node: string
  /** As the cluster calls what this is part of. */
  job: string
  binfmt: Binfmt | undefined
  reasons: readonly KnownReason[]
  onNote: (line: string) => void
  signal: AbortSignal
}

/** `there`: somebody else's results of the same attempt count. `unfit`: this node has told that it cannot build. */
export type NodeAttemptEnd = 'delivered' | 'there' | 'interrupted' | 'unfit'

/** An attempt, on a node of a cluster: built on its own disk, and its results brought to where all see them. */
export async function attemptOnNode(input: NodeAttemptInput): Promise<NodeAttemptEnd> {
  const run = new SharedRun(input.path)
  const {signal, onNote} = input
  await waitForRun(run, signal)
  const order = run.order(input.package, input.attempt)
  const target = run.attempt(input.package, input.attempt)
  if (readResult(target)?.way === order.way) return 'there'
  try {
    const home = await nodeHome(input.nodeData, input.node)
    await checkNode(home, input.binfmt)
    return await withPlace(home, input.job, async place => {
      const built = await buildIn(place, home, run, order, input)
      if (built === undefined) return 'interrupted'
      return deliver(built, run, target, {onWait: why => onNote(`waiting: ${why}`), signal})
    })
  } catch (error) {
    const unfit = unfitOf(error)
    if (!unfit) {
      if (!signal.aborted) run.tellTrouble(input.package, input.attempt, error instanceof Error ? error.message : String(error))
      throw error
    }
    onNote(`this node is not used any more: ${unfit.why}`)
    run.refuseNode(input.node, unfit)
    return 'unfit'
  }
}

/** A disk of the node's own that is full is the node's fault; what of the shared directory is full, has been waited for. */
function unfitOf(error: unknown): {why: string; hint: string} | undefined {
  if (error instanceof UnfitError) return error.unfit
  if (error instanceof XbuildError && error.reason === 'no-space') {
    return {why: error.message, hint: 'free some space there, or name a larger disk: --node-data DIR'}
  }
  return undefined
}

/** Returns where the results are; undefined where it was told to end. */
async function buildIn(
  place: string,
  home: string,
  run: SharedRun,
  order: AttemptOrder,
  input: NodeAttemptInput,
): Promise<string | undefined> {
  const {plan, environments} = run.plan()
  const {planned, attempt, way, profiles, hybrid, feed} = order
  const name = way === 'native' ? (plan.native ?? plan.environment) : plan.environment
  const environment = environments[name]
  if (!environment) throw new XbuildError('unknown-environment', `${run.path} has no environment "${name}"`, {hint: 'begin the run anew'})
  const {binfmt, signal} = input
  const store = await nodeStore(home, run, {name, ...environment}, binfmt, signal)
  const downloads = downloadsOf(home, run.path.split('/').at(-1) ?? '')
  await noteUse(downloads)
  const directory = join(place, planned.name, String(attempt))
  const result = await runAttempt({
    store,
    binfmt,
    plan,
    planned,
    attempt,
    way,
    jobs: input.jobs,
    directory,
    downloads,
    repositories: feed === undefined ? [] : [repositoryOf(run, feed)],
    hybrid: hybrid === undefined ? undefined : run.attempt(planned.name, hybrid),
    reasons: input.reasons,
    profiles,
    onPhase: phase => run.tellPhase(planned.name, attempt, phase),
    signal,
  })
  return result.end.kind === 'interrupted' ? undefined : directory
}

const repositoryOf = (run: SharedRun, feed: string): SiteRepository => feedRepository(run.attempts, run.feed(feed))

/** What an index of the run's own packages is called. */
export const feedName = (index: string): string => createHash('sha256').update(index).digest('hex')
