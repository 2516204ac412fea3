import {existsSync, readdirSync, readFileSync, readlinkSync} from 'node:fs'

/** A process as /proc shows it. man 5 proc_pid_stat */
export interface ProcessFacts {
  pid: number
  parent: number
  name: string
  /** R, S, D, Z … */
  state: string
  /** Processor time of itself and of its children that it has waited for, in ticks. */
  ticks: number
  /** Bytes of resident memory. */
  memory: number
}

/** A second has so many ticks, on Linux for x86: USER_HZ. man 7 time */
export const TICKS = 100

/** man 5 proc_pid_stat counts memory in pages of so many bytes. */
const PAGE = 4096

/**
 * All processes that a process started, directly or by way of others. Of one that ends just then, what was started beside it may be
 * missed: man 5 proc_pid_task_children.
 */
export function descendantsOf(root: number): ProcessFacts[] {
  const childrenOf = existsSync(`/proc/self/task/${process.pid}/children`) ? toldChildren : searchedChildren()
  const found = [...childrenOf(root)]
  for (const one of found) found.push(...childrenOf(one.pid))
  return found
}

/** As the kernel tells them, of each thread its own: with CONFIG_PROC_CHILDREN, which distributions' kernels have. */
export function toldChildren(pid: number): ProcessFacts[] {
  const threads = namesIn(`/proc/${pid}/task`)
  const children = threads.flatMap(thread => read(`/proc/${pid}/task/${thread}/children`).split(' '))
  return children.flatMap(child => (child === '' ? [] : (readFacts(child) ?? [])))
}

/** Elsewhere all processes are asked for their parents: a machine may have many that are others'. */
export function searchedChildren(): (pid: number) => readonly ProcessFacts[] {
  const children = new Map<number, ProcessFacts[]>()
  for (const name of namesIn('/proc')) {
    const facts = /^\d+$/.test(name) ? readFacts(name) : undefined
    if (facts) children.set(facts.parent, [...(children.get(facts.parent) ?? []), facts])
  }
  return pid => children.get(pid) ?? []
}

/** None of a process that has gone. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Undefined of one that has gone. */
function readFacts(pid: string): ProcessFacts | undefined {
  const text = read(`/proc/${pid}/stat`)
  // The name, in brackets, may hold brackets and blanks.
  const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? []
  const fields = rest.split(' ')
  const field = (number: number) => Number(fields[number - 3])
  if (fields.length < 22) return undefined
  const ticks = field(14) + field(15) + field(16) + field(17)
  return {pid: Number(pid), parent: field(4), name, state: fields[0] ?? '', ticks, memory: field(24) * PAGE}
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** What a process that does nothing waits for: for a look at it when it is gone. */
export function describeProcess({pid, parent, name, state, ticks, memory}: ProcessFacts): string {
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
  const lines = [
    `${pid} (parent ${parent}) ${state} ${name}: ${command}`,
    `  ${(ticks / TICKS).toFixed(1)} s of processor time, ${Math.round(memory / 2 ** 20)} MiB, in ${directoryOf(pid)}`,
    `  waits in ${read(`/proc/${pid}/wchan`) || 'nothing'}; system call ${read(`/proc/${pid}/syscall`).trim() || 'unknown'}`,
  ]
  const stack = read(`/proc/${pid}/stack`).trimEnd()
  return [...lines, ...(stack === '' ? [] : stack.split('\n').map(line => `    ${line}`))].join('\n')
}

function directoryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return 'a directory that cannot be read'
  }
}
