import {spawn} from 'node:child_process'
import {open} from 'node:fs/promises'
import {dirname} from 'node:path'
import {explainFileError, makeDirectory} from './files.js'
import {missingProgram, plainEnvironment} from './programs.js'

export interface Lock {
  release: () => Promise<void>
}

export type LockMode = 'shared' | 'exclusive'

/** flock(1): exit status for a lock that somebody else holds, chosen apart from its own. */
const HELD = 99

/**
 * Takes a lock on a file with flock(1), on a descriptor that this process holds: the kernel drops it when the process
 * ends, however it ends. Returns undefined where somebody else holds it and `wait` is 'no'.
 */
export async function takeLock(path: string, mode: LockMode, wait: 'yes' | 'no'): Promise<Lock | undefined> {
  await makeDirectory(dirname(path))
  const file = await open(path, 'a').catch(error => {
    throw explainFileError(error, path)
  })
  const args = [`--${mode}`, ...(wait === 'no' ? ['--nonblock', '--conflict-exit-code', String(HELD)] : []), '3']
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn('flock', args, {stdio: ['ignore', 'ignore', 'ignore', file.fd], env: plainEnvironment()})
    child.on('error', error => reject(missingProgram('flock', error)))
    child.on('exit', resolve)
  })
  if (status === 0) return {release: () => file.close()}
  await file.close()
  if (status === HELD) return undefined
  throw new Error(`flock ${path} ended with ${status}`)
}
