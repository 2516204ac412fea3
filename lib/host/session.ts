import {type ChildProcess, spawn} from 'node:child_process'
import {constants} from 'node:os'
import type {Duplex, Readable, Writable} from 'node:stream'
import {EXIT, XbuildError} from '../core/errors.js'
import {encodeJoin, encodePlan, type HostPath, type JoinPlan, type SessionPlan} from '../core/session/plan.js'
import {closeEarlyDebugger, takeEarlySignals} from './early-signals.js'
import {isThere} from './files.js'
import type {Lock} from './lock.js'
import {shim} from './shims.js'

/** Signals that mean the guest, passed on to it. What a terminal sends reaches this process, and only it. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']

export interface SessionOptions {
  /**
   * `inherit`: the guest has this process's own descriptors. `lines`: its output comes line by line. `bytes`: its standard
   * output goes there as it is, at the pace at which it is taken; standard error is dropped. `connection`: likewise, and standard input
   * comes from there. The guest gets a pair of sockets of its own: one of the host's network it could connect to whomever it likes.
   */
  output: 'inherit' | {lines: (line: string) => void} | {bytes: Writable} | {connection: Duplex}
  /**
   * What the session must not outlive, two at most: where this process is killed, they are held until the last process of the
   * session has ended, a moment later.
   */
  locks?: readonly Lock[]
  /** Called with the session's outer process before that is told what to do: it has started nothing. What it throws ends it. */
  onOuter?: (pid: number) => void
  /** Called with PID 1 of the session, as the host counts, when its root is complete: /proc/PID/root. */
  onReady?: (pid: number) => void
  /** Called where a command has joined a session, when no other is left there that began before it. */
  onOldest?: () => void
  signal?: AbortSignal
  /**
   * On abort, the guest is asked to end (SIGTERM), and killed after so many ms. By default it is killed at once; so it is where the
   * signal's reason is an error that `isUrgent`.
   */
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

export type SessionResult = CommandEnd & {
  /** Others are in the session still. */
  session: 'over' | 'goes-on'
}

export type CommandEnd =
  /** No `usage` where PID 1 was killed, or the session goes on. */
  | {kind: 'ended'; exitCode: number; usage?: SessionUsage}
  /** The guest's command could not be executed; `errno` says why. */
  | {kind: 'not-executed'; errno: string}

/** `gone`: there is no such session any more, and nothing was run. */
export type JoinResult = SessionResult | {kind: 'gone'}

/**
 * Makes the namespaces and mounts of a plan and runs its command to its end. The kernel ends all of it with this
 * process. Throws where the session could not be made.
 */
export async function runSession(plan: SessionPlan, options: SessionOptions): Promise<SessionResult> {
  // Where others are, the end of the process that makes the session would be theirs.
  const kill = plan.company ? passKill : killNow
  const told = await runProgram([], encodePlan(plan), plan.company !== undefined, kill, options)
  return {...(await endOf(told)), session: told.words.has('ended') ? 'goes-on' : 'over'}
}

/** Runs a command in a session that runs, to its end. Throws where that is not as it was when it was looked for. */
export async function joinSession(plan: JoinPlan, options: SessionOptions): Promise<JoinResult> {
  const told = await runProgram(['join'], encodeJoin(plan), true, killNow, options)
  if (told.words.has('gone')) return {kind: 'gone'}
  if (told.words.has('lost')) {
    throw new XbuildError('session-failed', 'the session was ended, and the command with it', {
      hint: 'whoever had begun it was killed, or somebody has stopped it',
      exitCode: 128 + constants.signals.SIGKILL,
    })
  }
  return {...(await endOf(told)), session: told.words.has('last') ? 'over' : 'goes-on'}
}

/** Makes a session that stays when this process has ended. Throws where it could not be made. */
export async function startSession(plan: SessionPlan, options: SessionOptions): Promise<void> {
  const told = await runProgram([], encodePlan(plan), true, killNow, options)
  if (told.words.has('held')) return
  await endOf(told)
  throw new XbuildError('session-failed', 'the session has ended as soon as it was made', {hint: 'run "xbuild-env doctor"'})
}

/** Ends such a session, and whatever runs in it; resolves when it has ended. */
export async function stopSession(socket: HostPath): Promise<'stopped' | 'gone'> {
  const told = await runProgram(['stop'], Buffer.from(`${socket}\0`), true, killNow, {output: {lines: () => {}}})
  await endOf(told)
  if (told.words.has('gone')) return 'gone'
  if (told.exitCode === 0) return 'stopped'
  throw new XbuildError('interrupted', 'interrupted while the session was ending', {
    hint: '"xbuild-env ps" says whether it runs still',
    exitCode: told.exitCode,
  })
}

/**
 * `outer`: whether the processes outside of the session have a say of their own, which nobody in it can forge; there is no trace then.
 */
async function runProgram(
  args: readonly string[],
  plan: Buffer,
  outer: boolean,
  kill: (child: ChildProcess) => void,
  options: SessionOptions,
): Promise<Told> {
  const program = shim('xbuild-session')
  if (!isThere(program)) {
    throw new XbuildError('missing-shims', `${program} is missing`, {hint: 'npm run build'})
  }
  await closeEarlyDebugger()
  const inherit = options.output === 'inherit'
  const child = spawn(program, args, {
    env: {PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`},
    stdio: [
      inherit ? 'inherit' : isConnection(options.output) ? 'pipe' : 'ignore',
      inherit ? 'inherit' : 'pipe',
      inherit ? 'inherit' : 'pipe',
      'pipe',
      'pipe',
      options.trace || outer ? 'pipe' : 'ignore',
      ...(options.locks ?? []).map(({fd}) => fd),
    ],
  })
  const means = isConnection(options.output) ? [] : FORWARDED // who is at a connection's other end sends none
  const forward = means.map(signal => [signal, () => passOn(child, signal)] as const)
  for (const [signal, handler] of forward) process.on(signal, handler)
  let grace: NodeJS.Timeout | undefined
  const abort = () => {
    if (options.graceMs === undefined || isUrgent(options.signal?.reason)) return kill(child)
    passOn(child, 'SIGTERM')
    grace = setTimeout(() => kill(child), options.graceMs)
  }
  options.signal?.addEventListener('abort', abort)
  try {
    return await supervise(child, plan, outer, options)
  } finally {
    options.signal?.removeEventListener('abort', abort)
    clearTimeout(grace)
    for (const [signal, handler] of forward) process.off(signal, handler)
  }
}

const isConnection = (output: SessionOptions['output']) => typeof output === 'object' && 'connection' in output

const isUrgent = (reason: unknown) => reason instanceof Error && 'isUrgent' in reason && reason.isUrgent === true

const killNow = (child: ChildProcess): void => void child.kill('SIGKILL')
const passKill = (child: ChildProcess): void => passOn(child, 'SIGKILL')

/** As shims/session/relay.h has it. */
const PASSED_ON = 33

/**
 * Sent as a real-time signal, which the kernel queues: of two equal ordinary ones that are not read yet it drops the
 * second, and the first may be one that somebody sent to the whole process group.
 */
function passOn(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(child.pid, constants.signals[signal] + PASSED_ON)
}

/** What the program has told until its end, or until the session is left to others. */
interface Told {
  exitCode: number
  /** Lines of one word, as shims/session/report.h has them. */
  words: ReadonlySet<string>
  failure?: string
  notExecuted?: number
  usage?: SessionUsage
}

async function endOf({exitCode, failure, notExecuted, usage}: Told): Promise<CommandEnd> {
  if (failure !== undefined || notExecuted !== undefined) {
    const {errnoName, sessionError} = await import('./session-error.js') // seldom: most sessions begin without it
    if (failure !== undefined) throw sessionError(failure)
    return {kind: 'not-executed', errno: errnoName(Number(notExecuted))}
  }
  return {kind: 'ended', exitCode, ...(usage ? {usage} : {})}
}

async function supervise(child: ChildProcess, plan: Buffer, outer: boolean, options: SessionOptions): Promise<Told> {
  let leave: (exitCode: number) => void = () => {}
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : EXIT.ours)))
    leave = exitCode => {
      letGo(child)
      resolve(exitCode)
    }
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
  planInput.end(plan)
  const words = new Set<string>()
  const told: Omit<Told, 'exitCode'> = {words}
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
    if (word === 'exec') told.notExecuted = Number(rest)
    if (word === 'usage') told.usage = parseUsage(rest)
    if (word === 'error') told.failure ??= printable(rest) // the first is the cause of what follows
  })
  const hearOuter = (line: string) => {
    const [word = '', rest = ''] = splitOnce(line, ' ')
    words.add(word)
    if (word === 'oldest') options.onOldest?.()
    if (word === 'held') leave(0)
    if (word === 'ended' || word === 'interrupted') leave(Number(rest))
  }
  if (outer) eachLine((child.stdio as unknown as Readable[])[5] as Readable, hearOuter)
  if (options.trace) (child.stdio as unknown as Readable[])[5]?.pipe(options.trace, {end: false})
  takeOutput(child, options.output)
  return {exitCode: await ended, ...told}
}

/** The session goes on without this process, which waits for nothing of it. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const stream of child.stdio) stream?.destroy()
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
  if ('connection' in output) {
    output.connection.pipe(child.stdin as Writable).on('error', () => {}) // the guest wants no more
    stdout.pipe(output.connection)
    output.connection.once('close', () => stdout.resume())
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
