import type {SessionResult} from '../host/session.js'
import type {EnterOptions} from './command.js'
import {statusTime} from './files.js'
import {type Following, followPackages, type OnUnwatched} from './following.js'
import {keepRulesCurrent} from './held-place.js'
import type {SessionPlace} from './place.js'

/** What is told of packages that came in a lasting session. */
export interface PackageEvents {
  onUnwatched: OnUnwatched
  onFetch: (packages: readonly string[]) => void
  /** They stay emulated: the session's result counts. */
  onNotFetched: (why: unknown, environment: string, packages: readonly string[]) => void
  /** Fetches them, until the user ends that. */
  whileFetching: <T>(fetch: (events: {signal: AbortSignal; onLine: (line: string) => void}) => Promise<T>) => Promise<T>
}

/**
 * Runs a session that a user has asked for to its end. In a lasting one the routes of packages that come are found while it
 * runs; their twins are fetched when it has ended, so that the next session has them.
 */
export async function runAsked(
  place: SessionPlace,
  {lasting, missingTwins = 'of-changes'}: Pick<EnterOptions, 'lasting' | 'missingTwins'>,
  run: (follow: Following | undefined) => Promise<SessionResult>,
  events: PackageEvents,
): Promise<SessionResult> {
  const {store, record} = place
  await keepRulesCurrent(place) // in a lasting one, what runs before it finds its routes would be emulated to its end
  if (lasting === 'ephemeral') return run(undefined)
  const before = statusTime(store, record)
  const result = await run(followPackages(store, record, events.onUnwatched))
  const isAsked = missingTwins === 'of-all' && result.kind === 'ended' && result.exitCode === 0
  if (result.session === 'over' && (isAsked || statusTime(store, record) !== before)) await fetchAfter(place, events)
  return result
}

/** The session has ended, and the caller holds the environment. */
export async function fetchAfter(place: SessionPlace, {onFetch, onNotFetched, whileFetching}: PackageEvents): Promise<void> {
  const {fetchMissingTwins, missingTwins} = await import('./twins.js')
  const fetching = whileFetching(events => fetchMissingTwins(place, {...events, onFetch}))
  await fetching.catch(async why => onNotFetched(why, place.record.name, await missingTwins(place)))
}
