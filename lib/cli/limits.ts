import {LONGEST_SECONDS, parseDuration} from '../core/duration.js'
import {EXIT, XbuildError} from '../core/errors.js'
import {groupSettings, type Limits, parsePids, parseSize} from '../core/session/limits.js'
import type {SessionOptions, SessionResult} from '../host/session.js'
import {warn} from './output.js'

/** As the command line has them. */
export interface LimitOptions {
  memory?: string
  pids?: string
  timeout?: string
}

/** Between SIGTERM and the end of the session: as long as a build's steps have. */
const GRACE_MS = 5000

export function parseLimits({memory, pids, timeout}: LimitOptions): Limits {
  return {
    memory: read('--memory', memory, parseSize, 'a size', '512M'),
    pids: read('--pids', pids, parsePids, 'a number of processes, from 1 on', '500'),
    timeout: read('--timeout', timeout, parseTime, `a time such as 90s, 20m or 1h30m, of at most ${LONGEST_SECONDS} s`, '1h30m'),
  }
}

/** In seconds, of at most so many as a timer takes. */
export function parseTime(text: string): number | undefined {
  const seconds = parseDuration(text)
  return seconds !== undefined && seconds <= LONGEST_SECONDS ? seconds : undefined
}

type Parse = (text: string) => number | undefined

const read = (option: string, text: string | undefined, parse: Parse, what: string, example: string): number | undefined =>
  text === undefined ? undefined : readNumber(option, text, parse, what, example)

/** What an option says in numbers. Throws `usage`, with an example, where it says none. */
export function readNumber(option: string, text: string, parse: Parse, what: string, example: string): number {
  const value = parse(text)
  if (value === undefined) throw new XbuildError('usage', `${option} ${text}: not ${what}`, {hint: `for example: ${option} ${example}`})
  return value
}

/** What makes a session keep its limits. */
type LimitedSession = Pick<SessionOptions, 'signal' | 'graceMs' | 'onOuter'>

/** Runs a session within limits, and says on standard error which of them ended what. */
export type Limited = (session: (limited: LimitedSession) => Promise<SessionResult>) => Promise<SessionResult>

/** Throws `usage` where an option says no limit. */
export function limitSessions(options: LimitOptions): Limited {
  const limits = parseLimits(options)
  return session => withinGroup(limits, options, {name: 'session', sessions: 1}, limited => withinTime(limits, options, limited, session))
}

/**
 * Does what sessions are made for, all of them in one control group where memory or processes are limited. `sessions`: how many
 * there are at once.
 */
export async function withinGroup<T>(
  limits: Limits,
  options: LimitOptions,
  {name, sessions}: {name: 'session' | 'build'; sessions: number},
  work: (limited: Pick<SessionOptions, 'onOuter'>) => Promise<T>,
): Promise<T> {
  const settings = groupSettings(limits, sessions)
  if (settings.length === 0) return work({})
  const {makeControlGroup} = await import('../host/control-group.js')
  const group = makeControlGroup(settings, process.argv.slice(2))
  try {
    return await work({onOuter: group.add})
  } finally {
    const {memory, pids} = group.reached()
    if (memory > 0) {
      warn(
        `xbuild-env: memory ran out (--memory ${options.memory}): the kernel killed ${memory === 1 ? 'a program' : `${memory} programs`} of the ${name}`,
      )
    }
    if (pids > 0) warn(`xbuild-env: there were too many processes (--pids ${options.pids}): the ${name} could start no more`)
    await group.remove()
  }
}

async function withinTime(
  {timeout}: Limits,
  options: LimitOptions,
  limited: LimitedSession,
  session: (limited: LimitedSession) => Promise<SessionResult>,
): Promise<SessionResult> {
  if (timeout === undefined) return session(limited)
  const signal = AbortSignal.timeout(timeout * 1000)
  const result = await session({...limited, signal, graceMs: GRACE_MS})
  if (!signal.aborted) return result
  warn(`xbuild-env: time ran out (--timeout ${options.timeout}): what ran was ended`)
  return {kind: 'ended', exitCode: EXIT.timeout, session: result.session}
}
