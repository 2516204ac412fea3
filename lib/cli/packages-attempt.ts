import {runAttempt} from '../bulk/attempt.js'
import {attemptFrom} from '../bulk/attempt-from.js'
import {NO_SPACE} from '../bulk/attempt-result.js'
import {readState} from '../bulk/run.js'
import {RunDirectory, readPlan} from '../bulk/run-directory.js'
import {readReasons} from '../config/reasons.js'
import {WAYS, type Way} from '../core/bulk/events.js'
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
  const {repositories, hybrid, profiles} = attemptFrom(directory, plan, planned, way, () => readState(directory, plan))
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
    repositories,
    hybrid: hybrid === undefined ? undefined : directory.attempt(name, hybrid),
    profiles,
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

const isWay = (word: string): word is Way => WAYS.some(way => way === word)
