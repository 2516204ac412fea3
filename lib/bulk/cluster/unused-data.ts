import {lstatSync, readdirSync} from 'node:fs'
import {utimes} from 'node:fs/promises'
import {join} from 'node:path'
import {isThere} from '../../host/files.js'
import {takeLock} from '../../host/lock.js'
import {removeTree} from '../../host/maker.js'

/** ms: no attempt takes as long, and a run that goes on after so long has what it needs brought again. */
const UNUSED_MS = 14 * 24 * 3600 * 1000

/** Held while an environment is brought to a node's disk; its time says when somebody needed that last. */
export const lockOf = (home: string, key: string): string => join(home, `.${key}.lock`)

/** Where what a run's attempts fetch is kept; its time says when somebody last needed it. */
export const downloadsOf = (home: string, run: string): string => join(home, 'downloads', run)

/** Somebody needs it now. What is not there yet gets its time when it is made. */
export async function noteUse(path: string): Promise<void> {
  const now = new Date()
  if (isThere(path)) await utimes(path, now, now)
}

/** Removes the environments and downloads of a node's disk that nobody has needed for a fortnight. */
export async function removeUnusedData(home: string): Promise<void> {
  for (const name of readdirSync(home)) {
    const key = /^\.([\w-]+)\.lock$/.exec(name)?.[1]
    if (key === undefined || !isThere(join(home, key)) || !isUnused(join(home, name))) continue
    const lock = await takeLock(join(home, name), 'exclusive', 'no')
    if (!lock) continue
    await removeTree(join(home, key)).finally(lock.release) // its lock stays: somebody may wait for that
  }
  const downloads = join(home, 'downloads')
  for (const run of isThere(downloads) ? readdirSync(downloads) : []) {
    if (isUnused(join(downloads, run))) await removeTree(join(downloads, run))
  }
}

const isUnused = (path: string): boolean => Date.now() - (lstatSync(path, {throwIfNoEntry: false})?.mtimeMs ?? Date.now()) > UNUSED_MS
