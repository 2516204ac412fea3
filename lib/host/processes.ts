import {readdirSync, readFileSync, readlinkSync} from 'node:fs'

/** A process of the host, as far as this user may look at it. */
export interface HostProcess {
  pid: number
  argv: readonly string[]
}

/** Of a process that has ended and that nobody has waited for yet, as in containers whose PID 1 never does. man 5 proc_pid_stat, 3 */
const ENDED = ['Z', 'X']

/**
 * When a process began, in ticks since the start of the system: with its number, it is that one and no later. man 5 proc_pid_stat, 22.
 * undefined where it has ended.
 */
export function beganAt(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const [state = '', ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name may hold anything; what follows does not
  return ENDED.includes(state) ? undefined : others[18]
}

/** The space in which this process's numbers mean something. */
export const pidSpace = () => linkOr('/proc/self/ns/pid') ?? ''

export const argumentsOf = (pid: number): string[] => (readOr(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1)

/** Those that have a file open. */
export function processesWith(path: string): HostProcess[] {
  return pids()
    .filter(pid => names(`/proc/${pid}/fd`).some(fd => linkOr(`/proc/${pid}/fd/${fd}`) === path))
    .map(pid => ({pid, argv: argumentsOf(pid)}))
}

/** The space of a process's numbers; undefined where it has ended, though nobody may have waited for it yet. */
const spaceOf = (pid: number) => (beganAt(pid) === undefined ? undefined : linkOr(`/proc/${pid}/ns/pid`))

/** PID 1 of the session that a process has made: of its children, the one that has other numbers. */
export function initOf(outer: number): number | undefined {
  const own = spaceOf(outer)
  const children = (readOr(`/proc/${outer}/task/${outer}/children`) ?? '').split(' ').filter(Boolean).map(Number)
  return children.find(pid => {
    const namespace = spaceOf(pid)
    return namespace !== undefined && namespace !== own
  })
}

/** Those of a session, by its PID 1, which is not among them. */
export function processesOf(init: number): HostProcess[] {
  const namespace = spaceOf(init)
  if (namespace === undefined) return []
  return pids()
    .filter(pid => pid !== init && spaceOf(pid) === namespace)
    .map(pid => ({pid, argv: argumentsOf(pid)}))
}

const pids = () =>
  names('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)

const names = (directory: string): string[] => orUndefined(() => readdirSync(directory)) ?? []
const linkOr = (path: string) => orUndefined(() => readlinkSync(path))
const readOr = (path: string) => orUndefined(() => readFileSync(path, 'utf8'))

/** It has ended, or is another user's. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
