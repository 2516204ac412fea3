import {randomBytes} from 'node:crypto'
import {cp, mkdir, readdir, rename} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {DPKG_DATABASE} from '../core/debian.js'
import {XbuildError} from '../core/errors.js'
import {isThere, makeDirectory} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {removeTree} from '../host/maker.js'
import {makeOnce} from '../host/store.js'
import {freeze, writeRecord} from './freeze.js'
import {checkName, type EnvironmentRecord} from './record.js'
import type {Store} from './store.js'

/** A copy of an environment that shares all that is in it: the caller holds the first. */
export async function cloneEnvironment(store: Store, source: EnvironmentRecord, name: string): Promise<EnvironmentRecord> {
  checkName(name)
  const shared = await freeze(store, source)
  const record = {...shared, name, created: new Date().toISOString()}
  const made = await makeOnce(store.environments, name, async directory => {
    const paths = store.environmentAt(directory, name)
    await makeDirectory(join(paths.upper, DPKG_DATABASE))
    await mkdir(paths.work)
    await cp(dirname(store.environment(source.name).routing), dirname(paths.routing), {recursive: true})
    await writeRecord(paths.record, record)
  })
  if (made === 'there') {
    throw new XbuildError('name-taken', `there is an environment "${name}" already`, {hint: 'choose another name'})
  }
  return record
}

/** Removes an environment: the caller holds it. It is out of sight at once, and swept later where this is interrupted. */
export async function removeEnvironment(store: Store, name: string): Promise<void> {
  const {directory} = store.environment(name)
  const aside = join(store.environments, `.partial-${name}-removed-${randomBytes(4).toString('hex')}`)
  await rename(directory, aside)
  await removeTree(aside)
}

/** The lock that whoever makes shared things holds shared, and whoever removes them alone. */
export const sharedLock = (store: Store) => join(store.home, '.shared.lock')

/** Removes the roots, twin sets, layers and routes that no environment uses. Returns what was removed. */
export async function removeUnused(store: Store): Promise<string[]> {
  const lock = await takeLock(sharedLock(store), 'exclusive', 'no')
  if (!lock) throw new XbuildError('in-use', 'an environment is being made at the moment', {hint: 'try again when that has ended'})
  try {
    const names = await store.names()
    const records = await Promise.all(names.map(name => store.read(name)))
    const used = new Set(records.flatMap(record => [record.root, record.twins, ...record.layers]))
    const removed: string[] = []
    for (const directory of [store.roots, store.twins, store.layers, store.routing]) {
      if (!isThere(directory)) continue
      for (const name of await readdir(directory)) {
        if (used.has(name) || name.endsWith('.lock')) continue
        await removeTree(join(directory, name))
        removed.push(join(directory, name))
      }
    }
    return removed
  } finally {
    await lock.release()
  }
}
