import {XbuildError} from '../core/errors.js'
import {findMissing, type Missing} from '../core/project/missing.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {packagesWith} from '../packages/contents.js'
import {onInterruption} from './interruption.js'

/** So many lines of a failed step's output are looked at: what ends a build is said near its end. */
const LAST_LINES = 200

/** Of the packages that have a file so many are named. */
const MOST_PACKAGES = 5

/**
 * Where a step did not find something: which packages of the environment's suite have it, and what to add, as lines. Advice that
 * cannot be had is none: the failure itself has been told.
 */
export async function adviseMissing(store: Store, environment: string | undefined, output: string): Promise<string[]> {
  const missing = findMissing(output.split('\n').slice(-LAST_LINES))
  if (missing.length === 0 || environment === undefined) return []
  const advice = await askAdvice(async signal => {
    const record = await store.read(environment)
    return Promise.all(missing.map(one => advise(store, record, one, signal)))
  })
  return (advice ?? []).flatMap(line => line ?? [])
}

/** What can be found out about a failure that is told in any case: undefined where that cannot be, or the user does not wait for it. */
export async function askAdvice<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const interruption = onInterruption('the advice is not given')
  try {
    return await ask(interruption.signal)
  } catch (error) {
    if (error instanceof XbuildError || interruption.signal.aborted) return undefined
    throw error
  } finally {
    interruption.forget()
  }
}

/** Undefined where it is not known what the packages have. */
async function advise(store: Store, record: EnvironmentRecord, {what, path}: Missing, signal: AbortSignal): Promise<string | undefined> {
  const packages = await packagesWith(store, record, path, 'mirror', signal)
  if (packages === undefined) return undefined
  return packages.length === 0 ? `${what} was not found, and no package of ${record.suite} has it` : describe(what, packages)
}

/** What builds are written against is in -dev packages. */
function describe(what: string, packages: readonly string[]): string {
  const likely = packages.toSorted((a, b) => Number(b.endsWith('-dev')) - Number(a.endsWith('-dev')) || a.length - b.length)
  return `${what} is in ${nameSome(likely)}: add it to the configuration, packages: [${likely[0] ?? ''}]`
}

/** The first, and the next few beside it. */
export function nameSome(packages: readonly string[]): string {
  const [first = '', ...others] = packages.slice(0, MOST_PACKAGES)
  return first + (others.length > 0 ? ` (or ${others.join(', ')})` : '')
}
