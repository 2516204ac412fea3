import {randomBytes} from 'node:crypto'
import {readdir, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {explainFileError, isThere, makeClosedDirectory, makeDirectory} from './files.js'
import {takeLock} from './lock.js'
import {removeTree} from './maker.js'

/** A directory that is being made or removed; whoever finds one under the lock of its key may remove it. */
export const partialName = (key: string) => `.partial-${key}-${randomBytes(4).toString('hex')}`

/** The key of a partial directory, undefined for any other name. */
export const partialKey = (name: string) => /^\.partial-(.+)-[0-9a-f]{8}$/.exec(name)?.[1]

/**
 * Makes `directory/key` unless it is there, in a directory that nobody else may enter: beside it, renamed when complete, so that
 * whatever has the final name is whole. Two makers of one key wait for each other; what a killed one left is removed first.
 */
export async function makeOnce(
  directory: string,
  key: string,
  make: (partial: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<'made' | 'there'> {
  const final = join(directory, key)
  if (isThere(final)) return 'there'
  await makeClosedDirectory(directory)
  const lock = await takeLock(join(directory, `.${key}.lock`), 'exclusive', 'yes', signal)
  try {
    if (isThere(final)) return 'there'
    await sweep(directory, key)
    const partial = join(directory, partialName(key))
    await makeDirectory(partial)
    try {
      await make(partial)
      await rename(partial, final)
    } catch (error) {
      await removeTree(partial).catch(() => {}) // the first error is the one to tell; the next maker sweeps
      throw error
    }
    return 'made'
  } finally {
    await lock?.release()
  }
}

/** Removes what is under a key: it is out of sight at once, and swept later where this is interrupted. */
export async function removeKey(directory: string, key: string): Promise<void> {
  const aside = join(directory, partialName(key))
  await rename(join(directory, key), aside).catch(error => {
    throw explainFileError(error, directory)
  })
  await removeTree(aside)
}

async function sweep(directory: string, key: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (partialKey(name) === key) await removeTree(join(directory, name))
  }
}
