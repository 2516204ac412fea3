import {constants} from 'node:os'
import {finished} from 'node:stream/promises'
import type {StepResult} from '../core/build-result.js'
import {planWithChangesIn, planWithView, type SessionPlan} from '../core/plan.js'
import {mayFail, type ProjectTarget, type Step} from '../core/project.js'
import {explainFileError} from '../host/files.js'
import {runSession, type SessionResult} from '../host/session.js'
import {prepareSession} from '../session/run.js'
import type {StepPlace} from './place.js'
import {StepLog} from './step-log.js'
import {findTests} from './tests.js'

/**
 * Both outputs in one pipe: in two, their lines would come in any order. Whoever is asked to end gets the time for it that
 * make needs to remove what it has half made: the session ends with this shell, and /proc shows what is left of it: PID 1
 * and the shell itself. After that it ends as by SIGKILL.
 */
const SCRIPT = `exec 2>&1
trap asked=yes INT TERM HUP
sh -e -c "$1"
status=$?
left=50
while [ "$asked" ] && set -- /proc/[0-9]* && [ $# -gt 2 ]; do
	[ $((left -= 1)) -gt 0 ] || exit 137
	sleep 0.1
done
exit "$status"`

/** More than the script's five seconds: by then it has ended by itself. */
const GRACE_MS = 8000

/** 128 + SIGKILL. */
const KILLED = 128 + constants.signals.SIGKILL

export async function planStep(place: StepPlace, argv: readonly string[]): Promise<SessionPlan> {
  const {store, record, project, target, paths} = place
  const {directory, sources} = project
  const plan = await prepareSession(store, record, {
    mode: place.mode,
    binfmt: place.binfmt,
    lasting: 'ephemeral',
    binds: sources === 'in-place' ? [{source: directory, target: directory, access: 'rw'}] : [],
    network: 'host',
    user: 'root',
    directory,
    environment: variablesOf(target, place.jobs),
    terminal: false,
    argv: argv.map(word => Buffer.from(word)),
  })
  const kept = planWithChangesIn(plan, paths.changes.upper, paths.changes.work)
  return sources === 'in-place' ? kept : planWithView(kept, paths.view)
}

/** What steps may ask for besides the variables of the configuration. */
function variablesOf({name, environment}: ProjectTarget, jobs: number): Buffer[] {
  const variables = {XBUILD_TARGET: name, XBUILD_JOBS: String(jobs), ...environment}
  return Object.entries(variables).map(([variable, value]) => Buffer.from(`${variable}=${value}`))
}

export const stepArguments = ({run}: Step) => ['sh', '-c', SCRIPT, 'sh', run]

/**
 * Runs one step to its end. `left`: `in-peace`, or `killed`: then nobody knows which of the files that it was writing are
 * whole. What ends the build through the signal is thrown when the step has ended.
 */
export async function runStep(
  place: StepPlace,
  step: Step,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<{result: StepResult; left: 'in-peace' | 'killed'}> {
  const plan = await planStep(place, stepArguments(step))
  signal.throwIfAborted()
  const timeout = step.timeoutSeconds === undefined ? undefined : AbortSignal.timeout(step.timeoutSeconds * 1000)
  const began = Date.now()
  const start = performance.now()
  const ended = await logged(place.paths.log(step.name), onLine, (log, broken) => {
    const signals = [signal, broken, ...(timeout ? [timeout] : [])]
    return runSession(plan, {output: {bytes: log}, signal: AbortSignal.any(signals), graceMs: GRACE_MS})
  })
  const seconds = (performance.now() - start) / 1000
  const exitCode = ended.kind === 'ended' ? ended.exitCode : 127
  const isAsked = signal.aborted || timeout?.aborted === true
  const left = isAsked && exitCode === KILLED ? 'killed' : 'in-peace'
  const why = timeout?.aborted ? `it took longer than ${step.timeoutSeconds} s` : describeEnd(ended)
  const tests = await findTests(place, step.name, began)
  const ran = {step: step.name, seconds, ...(tests.length > 0 ? {tests} : {})}
  if (exitCode === 0 && !timeout?.aborted) return {result: {...ran, result: 'passed'}, left}
  const result = mayFail(step, place.target.name) && !signal.aborted ? 'allowed' : 'failed'
  return {result: {...ran, result, why, exitCode}, left}
}

/** Where the output cannot be kept, the step is ended, and why is thrown. */
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
  if (ended.kind === 'not-executed') return `sh cannot be executed in the environment (${ended.errno})`
  const name = Object.entries(constants.signals).find(([, number]) => number === ended.exitCode - 128)?.[0]
  return name ? `it ended with ${ended.exitCode} (${name})` : `it ended with ${ended.exitCode}`
}
