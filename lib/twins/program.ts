import {createHash} from 'node:crypto'
import {type BigIntStats, constants} from 'node:fs'
import {type FileHandle, lstat, open} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {parseElf} from '../core/elf.js'
import type {FileIdentity} from '../core/file-identity.js'
import {STAND_IN} from '../core/places.js'
import {identityOf} from '../host/file-identity.js'

/** Of a program: which file it is, and e_machine. */
export interface ProgramFacts {
  file: FileIdentity
  machine: number
}

/** <elf.h>: ET_EXEC and ET_DYN, the types that can be executed. */
const EXECUTABLE_TYPES = [2, 3]

const mayBeExecuted = (status: BigIntStats) => status.isFile() && (status.mode & 0o111n) !== 0n

/** undefined where the path is no ELF file that may be executed. */
export const programFacts = (path: string): Promise<ProgramFacts | undefined> => withProgram(path, readFacts)

export interface ProgramContent extends ProgramFacts {
  /** md5 of all bytes. */
  sum: string
}

/** The same with its content, of one opened file; undefined also where it is being written. */
export const programContent = (path: string): Promise<ProgramContent | undefined> =>
  withProgram(path, async file => {
    if (!(await isAtRest(file))) return undefined
    const facts = await readFacts(file)
    return facts && {...facts, sum: await sumOf(file)}
  })

/** What a session has changed in a tree may be anything: nothing is followed, and nothing waits. */
async function withProgram<T>(path: string, use: (file: FileHandle) => Promise<T | undefined>): Promise<T | undefined> {
  const status = await lstat(path, {bigint: true}).catch(() => undefined)
  if (!status || !mayBeExecuted(status)) return undefined
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (!file) return undefined
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

async function readFacts(file: FileHandle): Promise<ProgramFacts | undefined> {
  const status = await file.stat({bigint: true})
  if (!mayBeExecuted(status)) return undefined
  const head = Buffer.alloc(64)
  const {bytesRead} = await file.read(head, 0, head.length, 0)
  const elf = parseElf(head.subarray(0, bytesRead))
  if (!elf || !EXECUTABLE_TYPES.includes(elf.type)) return undefined
  return {file: identityOf(status), machine: elf.machine}
}

/** The clock of a file's times moves once in so many ms, at the slowest: CONFIG_HZ=100. */
const TICK_MS = 10
const MOST_LOOKS = 5

/** A file that was changed in this very tick could be changed again without another ctime: after a while it cannot. */
async function isAtRest(file: FileHandle): Promise<boolean> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const {ctimeMs} = await file.stat()
    if (Math.abs(Date.now() - ctimeMs) > 2 * TICK_MS) return true
    await setTimeout(2 * TICK_MS)
  }
  return false
}

async function sumOf(file: FileHandle): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of file.createReadStream({start: 0, autoClose: false})) hash.update(chunk)
  return hash.digest('hex')
}

/** What all stand-ins of a root are: links to one file, known by its size and its time, which no other file has. */
export type StandIn = FileIdentity

/** undefined where every program of a root is its own. */
export const readStandIn = async (tree: string): Promise<StandIn | undefined> => (await programFacts(join(tree, STAND_IN)))?.file

/** Whether a program has no build for the target's CPU yet. */
export const isStandIn = ({file}: ProgramFacts, standIn: StandIn | undefined): boolean =>
  file.size === standIn?.size && file.mtime === standIn.mtime
