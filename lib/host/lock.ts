import {spawn} from 'node:child_process'
import {type FileHandle, open, readFile, stat} from 'node:fs/promises'
import {dirname} from 'node:path'
import {explainFileError, makeDirectory} from './files.js'
import {missingProgram, plainVariables} from './programs.js'

export interface Lock {
  /** Whoever inherits it holds the lock as well, until it ends. */
  fd: number
  release: () => Promise<void>
}

export type LockMode = 'shared' | 'exclusive'

/** flock(1): exit status for a lock that somebody else holds, chosen apart from its own. */
const HELD = 99

/** What setpriv(1) ends with where flock(1) is not there. */
const NOT_FOUND = 127

/**
 * Takes a lock on a file with flock(1), on a descriptor that this process holds: the kernel drops it when the process
 * ends, however it ends. Returns undefined where somebody else holds it and `wait` is 'no'; `signal` ends the waiting.
 */
export async function takeLock(path: string, mode: LockMode, wait: 'yes' | 'no', signal?: AbortSignal): Promise<Lock | undefined> {
  const file = await openLock(path)
  const args = [`--${mode}`, ...(wait === 'no' ? ['--nonblock', '--conflict-exit-code', String(HELD)] : []), '3']
  const status = await lockDescriptor(file, args, signal).catch(async error => {
    await file.close()
    throw error
  })
  if (status === 0) return {fd: file.fd, release: () => file.close()}
  await file.close()
  if (status === HELD) return undefined
  throw status === NOT_FOUND ? missingProgram('flock') : new Error(`flock ${path} ended with ${status}`)
}

/**
 * Whether somebody holds a lock on a file: as the kernel lists them, without taking it, which would be in others' way. Of
 * holders in other pid namespaces it tells nothing. man 5 proc_locks: `1: FLOCK  ADVISORY  WRITE 708 08:01:1234 0 EOF`
 */
export async function isLocked(path: string): Promise<boolean> {
  const {ino} = await stat(path)
  const locks = await readFile('/proc/locks', 'utf8')
  return locks.split('\n').some(line => {
    const [, kind, , , , file] = line.split(/\s+/)
    return kind === 'FLOCK' && file?.split(':')[2] === String(ino)
  })
}

/** A directory, or a lock file in one that cannot be written, does as well: flock(2) asks for no permission. */
async function openLock(path: string): Promise<FileHandle> {
  try {
    await makeDirectory(dirname(path))
    return await open(path, 'a')
  } catch (error) {
    return open(path, 'r').catch(() => {
      throw explainFileError(error, path)
    })
  }
}

/** Whoever waits goes with this process (setpriv), and does not hear the terminal's signals, which are this process's. */
function lockDescriptor(file: FileHandle, args: readonly string[], signal: AbortSignal | undefined): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'flock', ...args], {
      stdio: ['ignore', 'ignore', 'ignore', file.fd],
      env: plainVariables(),
      detached: true,
      ...(signal ? {signal} : {}),
    })
    child.on('error', error => reject(signal?.aborted ? signal.reason : missingProgram('setpriv', error)))
    child.on('exit', resolve)
  })
}
