import {join} from 'node:path'
import {takeLock} from '../host/lock.js'
import type {Store} from './store.js'

/** The lock that whoever makes shared things (roots, twin sets, layers) holds shared, and whoever removes them alone. */
export const sharedLock = (store: Store) => join(store.home, '.shared.lock')

/** Nothing shared is removed as unused while an environment is being made to use it. */
export async function whileMaking<T>(store: Store, signal: AbortSignal | undefined, make: () => Promise<T>): Promise<T> {
  const lock = await takeLock(sharedLock(store), 'shared', 'yes', signal)
  try {
    return await make()
  } finally {
    await lock?.release()
  }
}
