import type {SessionResult} from '../host/session.js'
import {statusTime} from './files.js'
import {type Following, followPackages, type OnUnwatched} from './following.js'
import type {Lasting} from './hold.js'
import type {SessionPlace} from './place.js'

/** What is told of packages that came in a lasting session. */
export interface PackageEvents {
  onUnwatched: OnUnwatched
  onFetch: (packages: readonly string[]) => void
  /** They stay emulated: the session's result counts. */
  onNotFetched: (why: unknown) => void
}

/**
 * Runs a session that a user has asked for to its end. In a lasting one the routes of packages that come are found while it
 * runs; their twins are fetched when it has ended, so that the next session has them.
 */
export async function runAsked(
  place: SessionPlace,
  lasting: Lasting,
  run: (follow: Following | undefined) => Promise<SessionResult>,
  events: PackageEvents,
): Promise<SessionResult> {
  if (lasting === 'ephemeral') return run(undefined)
  const {store, record} = place
  const before = statusTime(store, record)
  const result = await run(followPackages(store, record, events.onUnwatched))
  if (result.session === 'over' && statusTime(store, record) !== before) await fetchAfter(place, events)
  return result
}

/** The session has ended, and the caller holds the environment. */
export async function fetchAfter(place: SessionPlace, {onFetch, onNotFetched}: PackageEvents): Promise<void> {
  const {fetchMissingTwins} = await import('./twins.js')
  await fetchMissingTwins(place, onFetch).catch(onNotFetched)
}
