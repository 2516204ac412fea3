import {dirname, join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import type {HostNames} from '../core/hosts/host.js'
import {contentKey} from '../core/key.js'
import {loaderNames} from '../core/places.js'
import {fileIdentity} from '../host/file-identity.js'
import {isNotKept, isThere} from '../host/files.js'
import {processorDescription} from '../host/processor.js'
import {makeOnce} from '../host/store.js'

/** Raised when loaders would come out otherwise. */
const FORMAT = 1

/** The loaders of a twin set. One that an earlier version made has the C library's own alone. */
export const loadersOf = (libraries: string, host: HostNames) => loaderNames(host).filter(name => isThere(join(libraries, name)))

export interface Loaders {
  directory: string
  names: readonly string[]
}

/** Their directory in the store: of a twin set, and of a kind of processor. */
const loadersKey = (twins: string) => `${twins}-${contentKey({format: FORMAT, processor: processorDescription()})}`

/** The twin set that a directory of loaders in the store belongs to, or one of what its emulator says. */
export const twinsOfLoaders = (key: string) => key.replace(/-[0-9a-f]+$/, '')

/**
 * The directory of loaders that know this machine's processor already, in a store that all sessions share: made once for
 * each kind of processor. The twin set, given by its key, has those that do not among its libraries, which are returned
 * where nothing can be kept; no link leads to that directory (`requireDirectories`).
 */
export async function loadersForProcessor(store: string, twins: string, libraries: string, host: HostNames): Promise<Loaders> {
  const names = loadersOf(libraries, host)
  const key = loadersKey(twins)
  try {
    await makeOnce(store, key, async partial => {
      const {fillLoaders} = await import('./make-loaders.js') // seldom: a session begins sooner without it
      await fillLoaders(partial, libraries, names)
    })
  } catch (error) {
    if (isNotKept(error)) return {directory: libraries, names}
    throw error
  }
  const directory = join(store, key)
  for (const name of names) requireWhole(join(directory, name), join(libraries, name))
  return {directory, names}
}

/** Made of another by changing bytes in it. One that was cut short would end every twin with a signal, and say nothing. */
function requireWhole(path: string, original: string): void {
  const [size, whole] = [path, original].map(file => fileIdentity(file)?.size)
  if (size === whole) return
  throw new XbuildError('environment-damaged', `the twins' loader ${path} is damaged: it has ${size ?? 'none'} of ${whole ?? 'no'} bytes`, {
    hint: `remove it, and the next session makes it again: rm -r ${dirname(path)}`,
  })
}
