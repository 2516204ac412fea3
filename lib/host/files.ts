import {createHash, randomBytes} from 'node:crypto'
import {
  chmodSync,
  constants,
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {access, cp, lstat, open, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {XbuildError} from '../core/errors.js'
import {readRegular, type Unfit, valueOrNone} from './beneath.js'
import {usedUp} from './used-up.js'

/**
 * Turns what the system says of a full or read-only disk, or of a limit that is reached, into an error that says what to do;
 * anything else stays what it is. The path is the error's own, unless one is given.
 */
export function explainFileError(error: unknown, given?: string): unknown {
  const code = codeOf(error)
  const path = given ?? (error instanceof Error && 'path' in error ? String(error.path) : 'the data directory')
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new XbuildError('no-space', `no space left for ${path}`, {
        hint: 'free some space, or keep the data elsewhere: XBUILD_ENV_DATA=/a/larger/disk',
        cause: error,
      })
    case 'EMFILE':
    case 'ENFILE':
      return usedUp('descriptors', `this process cannot open any more files (${code})`, error)
    case 'EAGAIN':
      return isOfSpawn(error) ? usedUp('processes', `this user cannot start any more processes (${code})`, error) : error
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new XbuildError('read-only', `${path} cannot be written (${code})`, {
        hint: 'keep the data where you may write: XBUILD_ENV_DATA=/some/directory',
        cause: error,
      })
    case 'ENOTDIR':
      return noDirectory(path, error)
    default:
      return error
  }
}

const noDirectory = (path: string, cause: unknown) =>
  new XbuildError('bad-directory', `${path}: a part of this path is not a directory`, {
    hint: 'keep the data in a directory: XBUILD_ENV_DATA=/some/directory',
    cause,
  })

/** man 2 fork, EAGAIN; a descriptor that would wait says the same. */
const isOfSpawn = (error: unknown) => error instanceof Error && 'syscall' in error && String(error.syscall).startsWith('spawn')

/** Whether it says that the disk is full. */
export function isNoSpace(error: unknown): boolean {
  const explained = explainFileError(error)
  return explained instanceof XbuildError && explained.reason === 'no-space'
}

/** Whether it says that a file cannot be kept: the disk is full, or may not be written. */
export function isNotKept(error: unknown): boolean {
  const explained = explainFileError(error)
  return explained instanceof XbuildError && (explained.reason === 'no-space' || explained.reason === 'read-only')
}

/** mkdir(2) says ENOENT where the directory is there, and takes nothing, as /proc does. */
function codeOf(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return undefined
  return error.code === 'ENOENT' && 'syscall' in error && error.syscall === 'mkdir' ? 'EROFS' : error.code
}

/** Says so now where a directory cannot be written, rather than in the middle of something. */
export async function checkWritable(path: string): Promise<void> {
  await access(path, constants.W_OK).catch(error => {
    throw explainFileError(error, path)
  })
}

export const makeDirectory = async (path: string): Promise<void> => makeDirectoryAtOnce(path)

/** The same, of a mode where that matters, for those that must not wait. */
export function makeDirectoryAtOnce(path: string, mode?: number): void {
  try {
    makeWithParents(path, mode)
  } catch (error) {
    throw explainFileError(error, path)
  }
}

/**
 * As `mkdir -p`. Node's own never ends where a directory that is there lets none be made and says ENOENT, as /proc does
 * (src/node_file.cc, MKDirpAsync and MKDirpSync, of Node 20: it makes the parent, which is there, and tries again).
 */
function makeWithParents(path: string, mode?: number): void {
  if (isDirectory(path)) return
  const parent = dirname(path)
  if (parent !== path) makeWithParents(parent, mode)
  try {
    mkdirSync(path, mode)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (!isDirectory(path)) throw noDirectory(path, error)
  }
}

/** Whether it is one, or a link to one. */
const isDirectory = (path: string) => statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false

/**
 * Makes a directory to which nobody else on the host has a way, for what sessions write and for programs of the host's architecture:
 * one of them may be set-user-id, and the user's.
 */
export async function makeClosedDirectory(path: string): Promise<void> {
  await makeDirectory(path)
  closeToOthers(path)
}

/** The same for one that may be there, where it is the user's own. */
export function closeToOthers(path: string): void {
  const status = lstatSync(path, {throwIfNoEntry: false})
  if (!status?.isDirectory() || status.uid !== process.geteuid?.() || (status.mode & OTHERS) === 0) return
  try {
    chmodSync(path, status.mode & ~OTHERS)
  } catch (error) {
    if (codeOf(error) !== 'EROFS') throw explainFileError(error, path)
  }
}

/** Group and others, with the sticky bit and its like left as they are. man 7 inode */
const OTHERS = 0o077

/** Where a file is written that comes to a path when it is complete: no list shows it. */
const besideOf = (path: string) => join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`)

/** Written beside, synced, renamed: a reader finds the old content or the new, also after a power cut. */
export async function writeFileSafely(path: string, content: string | Buffer): Promise<void> {
  const beside = besideOf(path)
  try {
    makeWithParents(dirname(path))
    const file = await open(beside, 'wx', 0o644)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, {force: true}).catch(() => undefined) // where it could not be made, the reason for that counts
    throw explainFileError(error, path)
  }
}

/**
 * Written beside and renamed, for those that must not wait: a reader finds the old content or the new, and after a power cut perhaps
 * neither. Its directory is there.
 */
export function writeFileAtOnce(path: string, content: string | Buffer, mode = 0o644): void {
  const beside = besideOf(path)
  try {
    writeFileSync(beside, content, {mode, flag: 'wx'})
    renameSync(beside, path)
  } catch (error) {
    if (isThere(beside)) rmSync(beside)
    throw explainFileError(error, path)
  }
}

/** Bytes: more than any text that is read whole, and as many as are read and understood within some seconds. */
const TEXT_LIMIT = 64 * 2 ** 20

/** The same of what somebody could have written with an editor, and of a record of an environment. */
export const SHORT_TEXT_LIMIT = 2 ** 20

/** undefined where there is no such file. Throws `unreadable` where it is no file that can be read. */
export async function readFileIfThere(path: string, limit = TEXT_LIMIT): Promise<string | undefined> {
  return valueOrNone(readRegular(path, limit), why => unreadableFile(path, why))?.toString()
}

export const unreadableFile = (path: string, {why}: Unfit) =>
  new XbuildError('unreadable', `${path} ${why}`, {hint: 'it has to be a regular file that you may read: move it away, or fix it'})

/** Copies a directory's files and directories. What else lies there, a FIFO or a link, is nobody's: it is left out. */
export const copyFiles = (from: string, to: string) =>
  cp(from, to, {
    recursive: true,
    filter: async path => {
      const status = await lstat(path)
      return status.isFile() || status.isDirectory()
    },
  })

export async function hashFile(path: string | Buffer, algorithm: 'md5' | 'sha256'): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Bytes that are copied before anybody else has a turn. */
const AT_ONCE = 2 ** 20

/**
 * Copies so many bytes of an open file, fewer where it has become shorter, to another; `see` gets them on the way. However many
 * they are, the signal ends it, with its reason.
 */
export async function copyBytes(
  {fd, size}: {fd: number; size: number},
  to: number,
  signal: AbortSignal,
  see: (part: Buffer) => void = () => {},
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(size, AT_ONCE))
  for (let done = 0; done < size; ) {
    await nextTurn()
    signal.throwIfAborted()
    const count = readSync(fd, buffer, 0, Math.min(buffer.length, size - done), done)
    if (count === 0) return
    const part = buffer.subarray(0, count)
    see(part)
    writeFileSync(to, part)
    done += count
  }
}

export const isThere = existsSync
