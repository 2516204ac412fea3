import {mkdir} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {DPKG_DATABASE} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import {copyFiles, isThere, makeDirectory} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {removeTree} from '../host/maker.js'
import {makeOnce, partialKey, removeKey} from '../host/store.js'
import {copyTree} from '../host/tree.js'
import {removeWorkDirectories} from '../host/work-directory.js'
import {freeze} from './freeze.js'
import {checkName, type EnvironmentRecord, withoutBuild, writeRecord} from './record.js'
import {sharedLock, whileMaking} from './shared.js'
import type {Store} from './store.js'
import {entries, findUnused} from './unused.js'

/**
 * How a copy gets what sessions changed: it shares that with the first, of which it becomes a layer, or has it copied, where
 * sessions run in the first, which look at it where it is.
 */
export type Sharing = 'share' | 'copy'

/** A copy of an environment. The caller holds the first: alone to share what was changed, beside ephemeral sessions to copy it. */
export async function cloneEnvironment(
  store: Store,
  source: EnvironmentRecord,
  name: string,
  sharing: Sharing,
): Promise<EnvironmentRecord> {
  checkName(name)
  if ((await store.names()).includes(name)) throw nameTaken(name)
  return whileMaking(store, undefined, () => makeClone(store, source, name, sharing))
}

/** There is an environment of that name. */
export const nameTaken = (name: string) =>
  new XbuildError('name-taken', `environment "${name}" already exists`, {hint: 'choose another name'})

async function makeClone(store: Store, source: EnvironmentRecord, name: string, sharing: Sharing): Promise<EnvironmentRecord> {
  const shared = sharing === 'share' ? await freeze(store, source) : source
  const record = {...withoutBuild(shared), name, created: new Date().toISOString()}
  const made = await makeOnce(store.environments, name, async directory => {
    const paths = store.environmentAt(directory, name)
    if (sharing === 'copy') await copyTree(store.environment(source.name).upper, paths.upper, new AbortController().signal)
    else await makeDirectory(join(paths.upper, DPKG_DATABASE))
    await mkdir(paths.work)
    await copyFiles(dirname(store.environment(source.name).routing), dirname(paths.routing))
    await writeRecord(paths.record, record)
  })
  if (made === 'there') throw nameTaken(name)
  return record
}

/** Removes an environment: the caller holds it. */
export const removeEnvironment = (store: Store, name: string) => removeKey(store.environments, name)

/**
 * Removes the roots, twin sets, layers and routes that no environment uses, and what killed makers left. Returns what
 * was removed.
 */
export async function removeUnused(store: Store): Promise<string[]> {
  const lock = await takeLock(sharedLock(store), 'exclusive', 'no')
  if (!lock) throw new XbuildError('in-use', 'an environment is being created at the moment', {hint: 'try again when that has ended'})
  try {
    const builds = await removeLayersOfBuilds(store)
    await sweepEnvironments(store)
    const removed = await findUnused(store)
    for (const path of removed) {
      await (partialKey(basename(path)) === undefined ? removeKey(dirname(path), basename(path)) : removeTree(path))
    }
    return [...removed, ...builds]
  } finally {
    await lock.release()
  }
}

/**
 * What builds of packages left that were killed: those that run hold the lock that the caller has. The sessions of one that was
 * killed just now may still use what no environment does.
 */
async function removeLayersOfBuilds(store: Store): Promise<string[]> {
  if (!isThere(store.builds)) return []
  const {removed, held} = await removeWorkDirectories(store.builds)
  if (held.length === 0) return removed
  throw new XbuildError('in-use', 'the sessions of a build that was killed have not ended yet', {hint: 'try again in a few seconds'})
}

/** What is being removed at the moment is held by whoever does it. */
async function sweepEnvironments(store: Store): Promise<void> {
  for (const name of await entries(store.environments)) {
    const key = partialKey(name)
    const lock = key === undefined ? undefined : await takeLock(store.environment(key).lock, 'exclusive', 'no')
    if (lock) await removeTree(join(store.environments, name)).finally(lock.release)
  }
}
