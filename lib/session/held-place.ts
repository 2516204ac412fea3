import {isRoutingCurrent} from '../environment/routing-version.js'
import {holdWhole, type Lasting} from './hold.js'
import type {HeldPlace, SessionPlace} from './place.js'

/** Holds an environment in which programs are to run, and sees that its routes are by this version's rules. */
export async function holdPlace(
  {store, binfmt}: Pick<SessionPlace, 'store' | 'binfmt'>,
  name: string,
  lasting: Lasting,
): Promise<HeldPlace & {release: () => Promise<void>}> {
  const {record, lock} = await holdWhole(store, name, lasting)
  const place = {store, record, binfmt, locks: [lock], release: lock.release}
  try {
    await keepRulesCurrent(place)
    return place
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Runs programs in an environment while it is held. */
export async function withPlace<T>(
  of: Pick<SessionPlace, 'store' | 'binfmt'>,
  name: string,
  lasting: Lasting,
  use: (place: HeldPlace) => Promise<T>,
): Promise<T> {
  const {release, ...place} = await holdPlace(of, name, lasting)
  try {
    return await use(place)
  } finally {
    await release()
  }
}

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
