import {constants} from 'node:os'
import {finished} from 'node:stream/promises'
import type {TestCase} from '../core/project/tests.js'
import type {SessionPlan} from '../core/session/plan.js'
import {explainFileError} from '../host/files.js'
import type {Lock} from '../host/lock.js'
import {runSession, type SessionOptions, type SessionResult} from '../host/session.js'
import {signalOf} from '../host/signal-name.js'
import {StepLog} from './step-log.js'
import {findTests} from './tests.js'

/**
 * Both outputs in one pipe: in two, their lines would come in any order. Whoever is asked to end gets the time for it that
 * make needs to remove what it has half made: the session ends with this shell, and /proc shows what is left of it: PID 1
 * and the shell itself. After that it ends as by SIGKILL.
 */
const WRAPPER = `exec 2>&1
trap asked=yes INT TERM HUP
sh -e -c "$1"
status=$?
left=50
while [ "$asked" ] && set -- /proc/[0-9]* && [ $# -gt 2 ]; do
	[ $((left -= 1)) -gt 0 ] || exit 137
	sleep 0.1
done
exit "$status"`

/** More than the wrapper's five seconds: by then it has ended by itself. */
const GRACE_MS = 8000

/** 128 + SIGKILL. */
const KILLED = 128 + constants.signals.SIGKILL

/** Where the scripts of a target run, or those of the host. */
export interface ScriptPlace {
  plan: (argv: readonly string[]) => Promise<SessionPlan>
  /** The directory that has the files of the tree that scripts wrote. */
  written: string
  onOuter: SessionOptions['onOuter'] | undefined
  /** Held while scripts run, see SessionOptions. */
  locks: readonly Lock[]
  /** Runs a session of such a plan; by default, as it is. */
  run?: (plan: SessionPlan, options: SessionOptions) => Promise<SessionResult>
}

export interface Script {
  run: string
  timeoutSeconds: number | undefined
  /** A file for what it prints. */
  log: string
}

/** How a script ended. */
export interface ScriptEnd {
  seconds: number
  /** `asked`: it was told to, by the user or for its time was over. */
  end: {kind: 'passed'} | {kind: 'failed' | 'asked'; why: string; exitCode: number}
  /** `killed`: nobody knows which of the files that it was writing are whole. */
  left: 'in-peace' | 'killed'
  /** Those that it ran, as far as they are understood. */
  tests: readonly TestCase[]
}

export const scriptArguments = (run: string) => ['sh', '-c', WRAPPER, 'sh', run]

/** Runs a script for sh to its end. */
export async function runScript(
  place: ScriptPlace,
  {run, timeoutSeconds, log: path}: Script,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<ScriptEnd> {
  const plan = await place.plan(scriptArguments(run))
  signal.throwIfAborted()
  const timeout = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000)
  const began = Date.now()
  const start = performance.now()
  const ended = await logged(path, onLine, (log, broken) => {
    const signals = [signal, broken, ...(timeout ? [timeout] : [])]
    const {onOuter, locks} = place
    const run = place.run ?? runSession
    return run(plan, {
      output: {bytes: log},
      signal: AbortSignal.any(signals),
      graceMs: GRACE_MS,
      locks,
      ...(onOuter ? {onOuter} : {}),
    })
  })
  const seconds = (performance.now() - start) / 1000
  const exitCode = ended.kind === 'ended' ? ended.exitCode : 127
  const isAsked = signal.aborted || timeout?.aborted === true
  const left = isAsked && exitCode === KILLED ? 'killed' : 'in-peace'
  const why = timeout?.aborted ? `it took longer than ${timeoutSeconds} s` : describeEnd(ended)
  const tests = await findTests(place.written, path, began)
  if (exitCode === 0 && !timeout?.aborted) return {seconds, end: {kind: 'passed'}, left, tests}
  return {seconds, end: {kind: isAsked ? 'asked' : 'failed', why, exitCode}, left, tests}
}

/** Where the output cannot be kept, the script is ended, and why is thrown. */
async function logged(
  path: string,
  onLine: (line: string) => void,
  run: (log: StepLog, broken: AbortSignal) => Promise<SessionResult>,
): Promise<SessionResult> {
  const log = new StepLog(path, onLine)
  const broken = new AbortController()
  const written = finished(log).catch(error => {
    broken.abort()
    throw explainFileError(error, path)
  })
  const [ended] = await Promise.allSettled([run(log, broken.signal).finally(() => log.end()), written])
  await written
  if (ended.status === 'rejected') throw ended.reason
  return ended.value
}

function describeEnd(ended: SessionResult): string {
  if (ended.kind === 'not-executed') return `sh cannot be executed there (${ended.errno})`
  const name = signalOf(ended.exitCode)
  return name ? `it ended with ${ended.exitCode} (${name})` : `it ended with ${ended.exitCode}`
}
