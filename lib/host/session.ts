import {type ChildProcess, spawn} from 'node:child_process'
import {constants} from 'node:os'
import type {Readable, Writable} from 'node:stream'
import {EXIT, XbuildError} from '../core/errors.js'
import {encodePlan, type SessionPlan} from '../core/session/plan.js'
import {closeEarlyDebugger, takeEarlySignals} from './early-signals.js'
import {isThere} from './files.js'
import type {Lock} from './lock.js'
import {shim} from './shims.js'

/** Signals that mean the guest, passed on to it. What a terminal sends reaches this process, and only it. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']

export interface SessionOptions {
  /**
   * `inherit`: the guest has this process's own descriptors. `lines`: its output comes line by line. `bytes`: its standard
   * output goes there as it is, at the pace at which it is taken; standard error is dropped.
   */
  output: 'inherit' | {lines: (line: string) => void} | {bytes: Writable}
  /**
   * What the session must not outlive, two at most: where this process is killed, they are held until the last process of the
   * session has ended, a moment later.
   */
  locks?: readonly Lock[]
  /** Called with the session's outer process before that is told what to do: it has started nothing. What it throws ends it. */
  onOuter?: (pid: number) => void
  /** Called with PID 1 of the session, as the host counts, when its root is complete: /proc/PID/root. */
  onReady?: (pid: number) => void
  signal?: AbortSignal
  /** On abort, the guest is asked to end (SIGTERM), and killed after so many ms. By default it is killed at once. */
  graceMs?: number
  /** Where the records of a traced plan go, as shims/trace.h describes them. Has got all of them when the session ends. */
  trace?: Writable | undefined
}

/** What the command and its descendants used, as far as their parents waited for them. man 2 getrusage, RUSAGE_CHILDREN */
export interface SessionUsage {
  userSeconds: number
  systemSeconds: number
  /** Resident memory of the largest process. */
  peakBytes: number
}

export type SessionResult =
  /** No `usage` where PID 1 was killed. */
  | {kind: 'ended'; exitCode: number; usage?: SessionUsage}
  /** The guest's command could not be executed; `errno` says why. */
  | {kind: 'not-executed'; errno: string}

/**
 * Makes the namespaces and mounts of a plan and runs its command to its end. The kernel ends all of it with this
 * process. Throws where the session could not be made.
 */
export async function runSession(plan: SessionPlan, options: SessionOptions): Promise<SessionResult> {
  const program = shim('xbuild-session')
  if (!isThere(program)) {
    throw new XbuildError('missing-shims', `${program} is missing`, {hint: 'npm run build'})
  }
  await closeEarlyDebugger()
  const inherit = options.output === 'inherit'
  const child = spawn(program, [], {
    env: {PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`},
    stdio: [
      inherit ? 'inherit' : 'ignore',
      inherit ? 'inherit' : 'pipe',
      inherit ? 'inherit' : 'pipe',
      'pipe',
      'pipe',
      options.trace ? 'pipe' : 'ignore',
      ...(options.locks ?? []).map(({fd}) => fd),
    ],
  })
  const forward = FORWARDED.map(signal => [signal, () => passOn(child, signal)] as const)
  for (const [signal, handler] of forward) process.on(signal, handler)
  let grace: NodeJS.Timeout | undefined
  const abort = () => {
    if (options.graceMs === undefined) return child.kill('SIGKILL')
    passOn(child, 'SIGTERM')
    grace = setTimeout(() => child.kill('SIGKILL'), options.graceMs)
  }
  options.signal?.addEventListener('abort', abort)
  try {
    return await supervise(child, plan, options)
  } finally {
    options.signal?.removeEventListener('abort', abort)
    clearTimeout(grace)
    for (const [signal, handler] of forward) process.off(signal, handler)
  }
}

/** As shims/session/relay.c has it. */
const PASSED_ON = 33

/**
 * Sent as a real-time signal, which the kernel queues: of two equal ordinary ones that are not read yet it drops the
 * second, and the first may be one that somebody sent to the whole process group.
 */
function passOn(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(child.pid, constants.signals[signal] + PASSED_ON)
}

async function supervise(child: ChildProcess, plan: SessionPlan, options: SessionOptions): Promise<SessionResult> {
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : EXIT.ours)))
  })
  const planInput = child.stdio[3] as Writable
  planInput.on('error', () => {}) // the shim ended early: its report says why
  if (child.pid !== undefined && options.onOuter) {
    try {
      options.onOuter(child.pid)
    } catch (error) {
      child.kill('SIGKILL')
      await ended
      throw error
    }
  }
  planInput.end(encodePlan(plan))
  let failure: string | undefined
  let notExecuted: number | undefined
  let usage: SessionUsage | undefined
  let pid = 0
  let isReady = false
  eachLine(child.stdio[4] as Readable, line => {
    const [word = '', rest = ''] = splitOnce(line, ' ')
    // Once ready, the session's own root can write here too: it must not name a tree of the host's as the session's.
    if (word === 'started' && pid === 0) pid = Number(rest)
    if (word === 'ready' && !isReady) {
      isReady = true
      options.onReady?.(pid)
      const isGuests = options.output === 'inherit'
      for (let early = isGuests ? takeEarlySignals() : 0; early > 0; early--) passOn(child, 'SIGUSR1')
    }
    if (word === 'exec') notExecuted = Number(rest)
    if (word === 'usage') usage = parseUsage(rest)
    if (word === 'error') failure ??= printable(rest) // the first is the cause of what follows
  })
  if (options.trace) (child.stdio as unknown as Readable[])[5]?.pipe(options.trace, {end: false})
  takeOutput(child, options.output)
  const exitCode = await ended
  if (failure !== undefined || notExecuted !== undefined) {
    const {errnoName, sessionError} = await import('./session-error.js') // seldom: most sessions begin without it
    if (failure !== undefined) throw sessionError(failure)
    return {kind: 'not-executed', errno: errnoName(Number(notExecuted))}
  }
  return {kind: 'ended', exitCode, ...(usage ? {usage} : {})}
}

function takeOutput(child: ChildProcess, output: SessionOptions['output']): void {
  if (output === 'inherit') return
  const [stdout, stderr] = [child.stdout as Readable, child.stderr as Readable]
  if ('bytes' in output) {
    stdout.pipe(output.bytes, {end: false})
    output.bytes.once('close', () => stdout.resume()) // where it failed, nobody else would read the rest
    stderr.resume()
    return
  }
  eachLine(stdout, output.lines)
  eachLine(stderr, output.lines)
}

/** What shims/session/report.c reports as `USER SYSTEM PEAK`, in microseconds and KiB. */
function parseUsage(report: string): SessionUsage {
  const [user = 0, system = 0, peak = 0] = report.split(' ').map(Number)
  return {userSeconds: user / 1e6, systemSeconds: system / 1e6, peakBytes: peak * 1024}
}

/** No escape sequences. */
const printable = (text: string) => text.replaceAll(/[^\t\P{C}]/gu, '?')

/** Of a longer line, the rest is dropped: whoever writes without an end takes no memory. */
const LONGEST_LINE = 1 << 16

function eachLine(stream: Readable, use: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/[\n\r]/)
    rest = lines.pop() ?? ''
    for (const line of lines) use(line)
    rest = rest.slice(0, LONGEST_LINE)
  })
  stream.on('end', () => {
    if (rest !== '') use(rest)
  })
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
