import {constants} from 'node:fs'
import {type FileHandle, open, readFile} from 'node:fs/promises'
import {XbuildError} from '../core/errors.js'
import {isTrace} from '../core/trace/format.js'

const ENOUGH_TO_TELL = 256

/**
 * Opens a file for a trace: a new one, an empty one, or one that is a trace, which is written over. Throws
 * `bad-output`: anything else that is there is not what the user means to lose.
 */
export async function openTraceFile(path: string): Promise<FileHandle> {
  const file = await openForWriting(path)
  try {
    if (!(await file.stat()).isFile()) {
      throw new XbuildError('bad-output', `${path} is not an ordinary file`, {hint: 'a trace goes to a file: name one'})
    }
    const {bytesRead, buffer} = await file.read(Buffer.alloc(ENOUGH_TO_TELL), 0, ENOUGH_TO_TELL, 0)
    if (bytesRead > 0 && !isTrace(buffer)) {
      throw new XbuildError('bad-output', `${path} already exists, and is not a trace`, {hint: 'name another file, or remove it first'})
    }
    await file.truncate(0)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** O_NONBLOCK: a FIFO that nobody writes to is opened, and refused, instead of waited for. */
async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK, 0o644)
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** Throws `bad-output`. Unlike a trace, a report is written over whatever file is there. */
export function cannotWrite(path: string, error: unknown): XbuildError {
  return new XbuildError('bad-output', `${path} cannot be written (${codeOf(error)})`, {
    hint: 'name a file in a directory that is there, and that you may write',
    cause: error,
  })
}

/** Throws `bad-trace` where it is not there or cannot be read. */
export async function readTraceFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new XbuildError('bad-trace', `${path} cannot be read (${codeOf(error)})`, {
      hint: 'make a trace: xbuild-env run --trace FILE ENV -- CMD',
      cause: error,
    })
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error))
