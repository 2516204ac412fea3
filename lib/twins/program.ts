import {createHash} from 'node:crypto'
import {type BigIntStats, closeSync, fstatSync, readSync} from 'node:fs'
import {setTimeout} from 'node:timers/promises'
import {parseElf} from '../core/elf/header.js'
import type {FileIdentity} from '../core/file-identity.js'
import {STUB} from '../core/places.js'
import {Tree} from '../host/beneath.js'
import {identityOf} from '../host/file-identity.js'

/** Of a program: which file it is, and e_machine. */
export interface ProgramFacts {
  file: FileIdentity
  machine: number
}

/** <elf.h>: ET_EXEC and ET_DYN, the types that can be executed. */
const EXECUTABLE_TYPES = [2, 3]

const mayBeExecuted = (status: BigIntStats) => status.isFile() && (status.mode & 0o111n) !== 0n

/**
 * A root as programs are looked for in it, also while a session changes it. A package's own paths lead through no link (dpkg's, as
 * merged /usr has them), and the activator knows programs by the paths to which links lead.
 */
export const rootTree = (tree: string) => new Tree([tree], 'refused')

/** A twin set, in whose directories there are links. */
export const twinTree = (tree: string) => new Tree([tree], 'within')

/** Which file a path of a tree is; undefined where it is none. */
export const programIdentity = (tree: Tree, path: string): FileIdentity | undefined =>
  withFile(tree, path, fd => identityOf(fstatSync(fd, {bigint: true})))

/** undefined where the path is no ELF file that may be executed, or one in which nothing begins, as a library with such a mode. */
export const programFacts = (tree: Tree, path: string): ProgramFacts | undefined => withFile(tree, path, readFacts)

export interface ProgramContent extends ProgramFacts {
  /** md5 of all bytes. */
  sum: string
}

/** The same with its content, of one opened file; undefined also where it is being written. */
export async function programContent(tree: Tree, path: string): Promise<ProgramContent | undefined> {
  const file = tree.open(path, 'itself')
  if (file.kind !== 'found') return undefined
  const {fd} = file.value
  try {
    if (!readFacts(fd) || !(await isAtRest(fd))) return undefined
    const facts = readFacts(fd)
    return facts && {...facts, sum: sumOf(fd)}
  } finally {
    closeSync(fd)
  }
}

/** Of a link, nothing is what it leads to. */
function withFile<T>(tree: Tree, path: string, use: (fd: number) => T | undefined): T | undefined {
  const file = tree.open(path, 'itself')
  if (file.kind !== 'found') return undefined
  try {
    return use(file.value.fd)
  } finally {
    closeSync(file.value.fd)
  }
}

function readFacts(fd: number): ProgramFacts | undefined {
  const status = fstatSync(fd, {bigint: true})
  if (!mayBeExecuted(status)) return undefined
  const head = Buffer.alloc(64)
  const size = readSync(fd, head, 0, head.length, 0)
  const elf = parseElf(head.subarray(0, size))
  if (!elf || !EXECUTABLE_TYPES.includes(elf.type) || elf.entry === 0) return undefined
  return {file: identityOf(status), machine: elf.machine}
}

/** The clock of a file's times moves once in so many ms, at the slowest: CONFIG_HZ=100. */
const TICK_MS = 10
const MOST_LOOKS = 5

/** A file that was changed in this very tick could be changed again without another ctime: after a while it cannot. */
async function isAtRest(fd: number): Promise<boolean> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const {ctimeMs} = fstatSync(fd)
    if (Math.abs(Date.now() - ctimeMs) > 2 * TICK_MS) return true
    await setTimeout(2 * TICK_MS)
  }
  return false
}

/** Bytes that are read at a time. A stream of Node's takes longer to hand a file on than md5 does to read it. */
const CHUNK = 2 ** 20
const chunk = Buffer.alloc(CHUNK)

function sumOf(fd: number): string {
  const hash = createHash('md5')
  let at = 0
  for (let size = -1; size !== 0; at += size) {
    size = readSync(fd, chunk, 0, CHUNK, at)
    hash.update(chunk.subarray(0, size))
  }
  return hash.digest('hex')
}

/** What all stubs of a root are: links to one file, known by its size and its time, which no other file has. */
export type Stub = FileIdentity

/** undefined where every program of a root is its own. */
export const readStub = (tree: Tree): Stub | undefined => programFacts(tree, STUB)?.file

/** Whether a program has no build for the target's CPU yet. */
export const isStub = ({file}: ProgramFacts, stub: Stub | undefined): boolean => file.size === stub?.size && file.mtime === stub.mtime

/**
 * Whether the target's own interpreter takes over where a host-native one cannot do the same; a stub cannot. What a root of stubs
 * does not have yet will be one: packages that are being installed run it before anybody has looked again.
 */
export type OwnInterpreter = 'there' | 'none'

/** `path`: in the root. */
export function ownInterpreter({tree}: {tree: string}, path: string): OwnInterpreter {
  const root = rootTree(tree)
  const [facts, stub] = [programFacts(root, path), readStub(root)]
  return stub !== undefined && (facts === undefined || isStub(facts, stub)) ? 'none' : 'there'
}
