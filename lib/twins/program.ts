import {lstat, open} from 'node:fs/promises'
import {join} from 'node:path'
import {parseElf} from '../core/elf.js'
import {STAND_IN} from '../core/places.js'

/** Of a program: its size in bytes, its time in seconds since 1970, and e_machine. */
export interface ProgramFacts {
  size: number
  mtime: number
  machine: number
}

/** <elf.h>: ET_EXEC and ET_DYN, the types that can be executed. */
const EXECUTABLE_TYPES = [2, 3]

/** undefined where the path is no ELF file that may be executed. */
export async function programFacts(path: string): Promise<ProgramFacts | undefined> {
  const status = await lstat(path).catch(() => undefined)
  if (!status?.isFile() || (status.mode & 0o111) === 0) return undefined
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return undefined
  try {
    const head = Buffer.alloc(64)
    const {bytesRead} = await file.read(head, 0, head.length, 0)
    const elf = parseElf(head.subarray(0, bytesRead))
    if (!elf || !EXECUTABLE_TYPES.includes(elf.type)) return undefined
    return {size: status.size, mtime: Math.floor(status.mtimeMs / 1000), machine: elf.machine}
  } finally {
    await file.close()
  }
}

/** What all stand-ins of a root are: links to one file. */
export type StandIn = Pick<ProgramFacts, 'size' | 'mtime'>

/** undefined where every program of a root is its own. */
export const readStandIn = (tree: string): Promise<StandIn | undefined> => programFacts(join(tree, STAND_IN))

/** Whether a program has no build for the target's CPU yet. */
export const isStandIn = (facts: ProgramFacts, standIn: StandIn | undefined): boolean =>
  facts.size === standIn?.size && facts.mtime === standIn.mtime
