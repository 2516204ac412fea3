import {type AttemptInput, runAttempt} from '../bulk/attempt.js'
import {NO_SPACE} from '../bulk/attempt-result.js'
import {feedOf} from '../bulk/feed.js'
import {readState} from '../bulk/run.js'
import {RunDirectory, readPlan} from '../bulk/run-directory.js'
import {readReasons} from '../config/reasons.js'
import {WAYS, type Way} from '../core/bulk/events.js'
import type {BulkPlan, PlannedPackage} from '../core/bulk/plan.js'
import {builtAttempt} from '../core/bulk/state.js'
import {XbuildError} from '../core/errors.js'
import {isNoSpace} from '../host/files.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {print} from './output.js'

/** What `packages build` calls itself with, for each attempt: prints its phases, and leaves its result. */
export async function attempt(path: string, name: string, number: string, way: string, jobs: string): Promise<number> {
  const {store, settings} = await openContext()
  const directory = new RunDirectory(path)
  const plan = readPlan(directory)
  const planned = plan.packages.find(one => one.name === name)
  if (!planned || !isWay(way)) throw new XbuildError('usage', `run ${path} has no package ${name}, or there is no way ${way}`)
  const interruption = onInterruption('the package is built when the run goes on')
  const attempt = runAttempt({
    store,
    binfmt: settings.binfmt,
    plan,
    planned,
    attempt: Number(number),
    way,
    jobs: Number(jobs),
    directory: directory.attempt(name, Number(number)),
    downloads: directory.downloads,
    ...comesFrom(directory, plan, planned, way),
    reasons: await readReasons(),
    onPhase: print,
    signal: interruption.signal,
  })
  const result = await attempt.catch(error => {
    if (isNoSpace(error)) print(NO_SPACE)
    throw error
  })
  return result.end.kind === 'interrupted' ? 130 : 0
}

/** What it finds of the run's other attempts. */
function comesFrom(
  directory: RunDirectory,
  plan: BulkPlan,
  {name, verify, cut = [], profiles = []}: PlannedPackage,
  way: Way,
): Pick<AttemptInput, 'repositories' | 'hybrid' | 'profiles'> {
  const isCompared = verify === way
  if (plan.against === 'archive' && !isCompared) return {repositories: [], hybrid: undefined, profiles}
  const state = readState(directory, plan)
  const one = state.packages.get(name)
  const before = isCompared && one ? builtAttempt(one) : undefined
  return {
    repositories: plan.against === 'archive' ? [] : [feedOf(directory, state)],
    hybrid: before && directory.attempt(name, before.number),
    profiles: one?.attempts.at(-1)?.without?.length ? [...profiles, ...cut] : profiles,
  }
}

const isWay = (word: string): word is Way => WAYS.some(way => way === word)
