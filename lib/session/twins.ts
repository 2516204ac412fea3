import {XbuildError} from '../core/errors.js'
import {areTwinsOutdated} from '../environment/outdated-twins.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {readRouting} from '../environment/routing.js'
import {type FetchEvents, fetchTwins, refreshRouting, withoutTwins} from '../environment/update.js'
import {isNotKept} from '../host/files.js'
import {runSession} from '../host/session.js'
import {statusTime} from './files.js'
import type {SessionPlace} from './place.js'
import {planScript} from './script.js'

/**
 * Packages came or went in a session that has ended, perhaps before their routes were found: finds these, and fetches
 * the twins that are missing; tells which.
 */
export async function fetchMissingTwins(place: SessionPlace, events: FetchEvents & {signal: AbortSignal}): Promise<EnvironmentRecord> {
  const {store, record} = place
  if (record.programs === 'native') return record
  const paths = store.environment(record.name)
  const time = statusTime(store, record)
  const routing = await readRouting(paths)
  const isOutdated = await areTwinsOutdated(store, record)
  if (routing?.statusTime === time && withoutTwins(routing).length === 0 && !isOutdated) return record
  return withTree(place, async tree => {
    await refreshRouting(store, record, tree, time)
    if (isOutdated) return fetchTwins(store, record, tree, time, events)
    const missing = withoutTwins(await readRouting(paths))
    return missing.length > 0 ? fetchTwins(store, record, tree, time, {...events, onFetch: () => events.onFetch?.(missing)}) : record
  })
}

/** The packages of an environment that lack their twins, as far as is known. */
export const missingTwins = async ({store, record}: SessionPlace): Promise<string[]> =>
  withoutTwins(await readRouting(store.environment(record.name)))

/**
 * Another version of the program has found an environment's routes: finds them by this one's rules. Where nothing can be written, what
 * is there has to do.
 */
export async function refreshOutdated(place: SessionPlace): Promise<void> {
  const {store, record} = place
  if (record.programs === 'native') return
  const time = statusTime(store, record)
  try {
    await withTree(place, tree => refreshRouting(store, record, tree, time))
  } catch (error) {
    if (!isNotKept(error)) throw error
  }
}

/** Shows an environment's tree, as a session would see it, while something looks at it. */
export async function withTree<T>(place: SessionPlace, look: (tree: string) => Promise<T>): Promise<T> {
  // It holds the view of the whole tree.
  const plan = await planScript(place, {lasting: 'lasting', argv: 'hold'})
  const end = new AbortController()
  let looked: Promise<T> | undefined
  const onReady = (pid: number) => {
    looked = look(`/proc/${pid}/root`)
    looked.catch(() => {}).finally(() => end.abort())
  }
  await runSession(plan, {output: {lines: () => {}}, signal: end.signal, onReady})
  if (looked === undefined) {
    throw new XbuildError('session-failed', `the tree of "${place.record.name}" could not be shown`, {hint: 'run "xbuild-env doctor"'})
  }
  return looked
}
