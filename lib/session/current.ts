import {isRoutingCurrent} from '../environment/routing-version.js'
import type {SessionPlace} from './place.js'

/**
 * Sees that an environment's routes are by this version's rules, before a session that goes by them: another version may have found
 * those that are there. The caller holds the environment. What finds them takes 100 ms to load.
 */
export async function keepRulesCurrent(place: SessionPlace): Promise<void> {
  const {store, record} = place
  if (record.programs === 'native' || isRoutingCurrent(store.environment(record.name))) return
  const {refreshOutdated} = await import('./twins.js')
  await refreshOutdated(place)
}
