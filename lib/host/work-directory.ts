import {mkdtemp, readdir, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {type Lock, takeLock} from './lock.js'
import {removeTree} from './maker.js'

const PREFIX = 'work-'

/** A directory for builds, held by a lock, which the kernel drops however its holder ends. */
export interface WorkDirectory {
  path: string
  lock: Lock
  remove: () => Promise<void>
  /** Puts it under a name that nobody sweeps; returns its path. */
  keep: () => Promise<string>
}

/** Makes one below a directory, and removes those there that a killed holder left. */
export async function makeWorkDirectory(below: string): Promise<WorkDirectory> {
  await sweep(below)
  const path = await mkdtemp(join(below, PREFIX))
  const lock = await takeLock(lockOf(path), 'exclusive', 'yes')
  if (!lock) throw new Error(`${path} is new, and held`)
  return {path, lock, remove: () => release(path, lock, () => removeTree(path)), keep: () => keep(path, lock)}
}

const lockOf = (path: string) => `${path}.lock`

async function release(path: string, lock: Lock | undefined, last: () => Promise<void>): Promise<void> {
  await last()
  await rm(lockOf(path), {force: true})
  await lock?.release()
}

async function keep(path: string, lock: Lock | undefined): Promise<string> {
  const kept = join(dirname(path), basename(path).replace(PREFIX, 'kept-'))
  await release(path, lock, () => rename(path, kept))
  return kept
}

/** One that was made a moment ago has no lock file yet, and is let be: whoever made it takes the lock next. */
async function sweep(below: string): Promise<void> {
  const names = await readdir(below)
  for (const name of names.filter(one => isWork(one) && names.includes(lockOf(one)))) await removeUnheld(join(below, name))
}

/** What is removed, and what is held still: of a killed holder, sessions end a moment later. */
export interface SweptDirectories {
  removed: string[]
  held: string[]
}

/** Removes all directories for builds that nobody holds. Nobody makes one meanwhile. */
export async function removeWorkDirectories(below: string): Promise<SweptDirectories> {
  const swept: SweptDirectories = {removed: [], held: []}
  for (const name of (await readdir(below)).filter(isWork)) {
    const path = join(below, name)
    swept[(await removeUnheld(path)) ? 'removed' : 'held'].push(path)
  }
  return swept
}

const isWork = (name: string) => name.startsWith(PREFIX) && !name.endsWith('.lock')

async function removeUnheld(path: string): Promise<boolean> {
  const lock = await takeLock(lockOf(path), 'exclusive', 'no')
  if (lock) await release(path, lock, () => removeTree(path))
  return lock !== undefined
}
