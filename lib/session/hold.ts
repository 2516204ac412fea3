import {XbuildError} from '../core/errors.js'
import {inUseHint} from '../core/session/in-use.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {type Lock, takeLock} from '../host/lock.js'

export type Lasting = 'lasting' | 'ephemeral'

/** Holds an environment for a session: one lasting session at a time, or any number of ephemeral ones. */
export async function holdEnvironment(store: Store, name: string, lasting: Lasting): Promise<Lock> {
  const lock = await tryHold(store, name, lasting)
  if (lock) return lock
  throw await inUse(store, name, lasting)
}

/** undefined where somebody else holds it. */
export const tryHold = (store: Store, name: string, lasting: Lasting): Promise<Lock | undefined> =>
  takeLock(store.environment(name).lock, lasting === 'lasting' ? 'exclusive' : 'shared', 'no')

/** What cannot be had is told with who holds it, and with what can be done beside them. */
async function inUse(store: Store, name: string, wanted: Lasting): Promise<XbuildError> {
  const {describeHolders, holdersOf} = await import('./describe.js')
  const holders = describeHolders(store, name)
  const shared = wanted === 'lasting' ? await tryHold(store, name, 'ephemeral') : undefined
  await shared?.release()
  return new XbuildError('in-use', `environment "${name}" is in use by another session${holders === undefined ? '' : `: ${holders}`}`, {
    hint: inUseHint(name, holdersOf(store, name), wanted, shared === undefined ? 'alone' : 'shared'),
  })
}

/** An environment that is held, with what was begun in it finished. */
export interface Held {
  lock: Lock
  record: EnvironmentRecord
}

/** Holds an environment, and finishes what a killed process has begun in it. */
export async function holdWhole(store: Store, name: string, lasting: Lasting): Promise<Held> {
  if ((await store.read(name)).freezing !== undefined) await finishAlone(store, name)
  return withRecord(store, name, await holdEnvironment(store, name, lasting))
}

/** The same, of what is held already; it is released where that is damaged. */
export async function withRecord(store: Store, name: string, lock: Lock): Promise<Held> {
  try {
    return {lock, record: await store.read(name)}
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Loaded for the few sessions that need it. */
export async function finishAlone(store: Store, name: string): Promise<void> {
  const {finishFreezing} = await import('../environment/freeze.js')
  const lock = await holdEnvironment(store, name, 'lasting')
  await finishFreezing(store, await store.read(name)).finally(lock.release)
}

/** Does something with an environment while it is held. */
export async function withEnvironment<T>(store: Store, name: string, lasting: Lasting, use: (held: Held) => Promise<T>): Promise<T> {
  const held = await holdWhole(store, name, lasting)
  try {
    return await use(held)
  } finally {
    await held.lock.release()
  }
}
