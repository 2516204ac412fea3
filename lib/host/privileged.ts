import {spawnSync} from 'node:child_process'
import {closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, type Stats} from 'node:fs'
import {dirname} from 'node:path'
import {NAME_MAX, PATH_MAX} from '../core/kernel.js'
import {O_PATH} from './beneath.js'
import {shim} from './shims.js'

/** A program that runs with other rights than those of whoever starts it. */
export interface Privileged {
  /** Absolute, and as its bytes are: whoever made it has chosen them. */
  path: Buffer
  inode: number
  /** A directory that it is below. */
  below: string
  /** `owner`: those of its owner or group (set-user-id, set-group-id). `capabilities`: the file's own. */
  rights: 'owner' | 'capabilities'
}

/** So many are named. */
const MOST = 10

/** Nobody waits longer for it, ms: a tree of a hundred thousand files takes about as long. */
const LONGEST_MS = 1000

/** S_ISUID and S_ISGID, man 7 inode. */
const RIGHTS = 0o6000

/** Execution, by anybody: other files' capabilities are of no effect. */
const EXECUTABLE = 0o111

/** Through these a session has files of its caller's, that lie anywhere. */
const STANDARD = [0, 1, 2]

/** Of a program that may have rights of its own; the paths with one character for each byte. */
interface Program {
  path: string
  /** The same, short enough for the kernel while this process looks for them. */
  at: string
  status: Stats
  below: string
}

/**
 * Programs below directories, and behind this process's standard descriptors, that have rights of their own and were made or
 * changed since a moment, in ms since 1970: those that are found in a second. Other file systems are not entered.
 */
export function findPrivileged(directories: readonly string[], since: number): Privileged[] {
  const last = performance.now() + LONGEST_MS
  const programs = new Map<string, Program>()
  const owners: Program[] = []
  const judge = (program: Program) => {
    const {mode, ctimeMs} = program.status
    if (ctimeMs < since) return
    if ((mode & RIGHTS) !== 0) owners.push(program)
    if ((mode & EXECUTABLE) !== 0) programs.set(program.at, program)
  }
  const held: number[] = []
  for (const fd of STANDARD) lookBehind(fd, judge)
  for (const directory of directories) {
    lookBelow(directory, held, () => performance.now() < last && owners.length < MOST, judge)
  }
  const capable = withCapabilities([...programs.keys()], Math.max(1, Math.ceil(last - performance.now())))
  for (const fd of held) closeSync(fd)
  const found = [
    ...owners.map(program => privileged(program, 'owner')),
    ...capable.flatMap(at => privileged(programs.get(at) as Program, 'capabilities')),
  ]
  return found.sort((a, b) => Buffer.compare(a.path, b.path)).slice(0, MOST)
}

const privileged = ({path, status, below}: Program, rights: Privileged['rights']): Privileged => ({
  path: Buffer.from(path, 'latin1'),
  inode: status.ino,
  below,
  rights,
})

/** One that has no name any more can be executed only by who holds it. */
function lookBehind(fd: number, judge: (program: Program) => void): void {
  try {
    const status = fstatSync(fd)
    if (!status.isFile() || status.nlink === 0) return
    const path = readlinkSync(`/proc/self/fd/${fd}`, {encoding: 'buffer'})
    const name = path.toString('latin1')
    judge({path: name, at: name, status, below: dirname(path.toString())})
  } catch {
    // closed
  }
}

/** A directory that is still to be looked at. */
type Directory = Pick<Program, 'path' | 'at'>

/** `held` gets what the programs' paths begin with. */
function lookBelow(below: string, held: number[], mayGoOn: () => boolean, judge: (program: Program) => void): void {
  const top = Buffer.from(below).toString('latin1')
  const device = look(top)?.dev
  const left: Directory[] = [{path: top, at: top}]
  for (let next = left.pop(); next !== undefined && mayGoOn(); next = left.pop()) {
    const directory = shortened(next, held)
    for (const entry of list(directory.at)) {
      if (!entry.isDirectory() && !entry.isFile()) continue
      const name = entry.name.toString('latin1')
      const [path, at] = [`${directory.path}/${name}`, `${directory.at}/${name}`]
      const status = look(at)
      if (status?.isDirectory() && status.dev === device) left.push({path, at})
      if (status?.isFile()) judge({path, at, status, below})
    }
  }
}

/** Far below what a process may have, with which this one began. */
const MOST_HELD = 512

/** Programs can make directories, and start what is in them, whose paths are longer: these are held, and looked at from there. */
function shortened({path, at}: Directory, held: number[]): Directory {
  if (at.length + 1 + NAME_MAX < PATH_MAX || held.length === MOST_HELD) return {path, at}
  try {
    const fd = openSync(Buffer.from(at, 'latin1'), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    held.push(fd)
    return {path, at: `/proc/${process.pid}/fd/${fd}`}
  } catch {
    return {path, at} // it has gone
  }
}

/** Node reads no extended attributes. Nothing is started where there is nothing to ask. */
function withCapabilities(paths: readonly string[], timeout: number): string[] {
  if (paths.length === 0) return []
  const {status, stdout} = spawnSync(shim('xbuild-capable'), {
    input: Buffer.from(paths.map(path => `${path}\0`).join(''), 'latin1'),
    timeout,
    maxBuffer: Number.POSITIVE_INFINITY,
    encoding: 'latin1',
  })
  return status === 0 ? stdout.split('\0').filter(Boolean) : []
}

/** Nothing where it has gone, or may not be looked at. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(Buffer.from(path, 'latin1'), {throwIfNoEntry: false})
  } catch {
    return undefined
  }
}

function list(directory: string) {
  try {
    return readdirSync(Buffer.from(directory, 'latin1'), {withFileTypes: true, encoding: 'buffer'})
  } catch {
    return []
  }
}
