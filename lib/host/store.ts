import {randomBytes} from 'node:crypto'
import {readdir, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {isThere, makeDirectory} from './files.js'
import {takeLock} from './lock.js'
import {removeTree} from './maker.js'

/** A directory in the making; whoever finds one under the store's lock may remove it. */
const PARTIAL = '.partial-'

/**
 * Makes `directory/key` unless it is there: into a directory beside it, renamed when complete, so that whatever has the
 * final name is whole. Two makers of one key wait for each other; what a killed one left is removed first.
 */
export async function makeOnce(directory: string, key: string, make: (partial: string) => Promise<void>): Promise<'made' | 'there'> {
  const final = join(directory, key)
  if (isThere(final)) return 'there'
  await makeDirectory(directory)
  const lock = await takeLock(join(directory, `.${key}.lock`), 'exclusive', 'yes')
  try {
    if (isThere(final)) return 'there'
    await sweep(directory, `${PARTIAL}${key}-`)
    const partial = join(directory, `${PARTIAL}${key}-${randomBytes(4).toString('hex')}`)
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

async function sweep(directory: string, prefix: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(prefix)) await removeTree(join(directory, name))
  }
}
