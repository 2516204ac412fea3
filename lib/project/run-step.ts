import {readFile} from 'node:fs/promises'
import type {StepResult} from '../core/project/build-result.js'
import {mayFail, type Step} from '../core/project/project.js'
import {stepOutput} from '../core/project/step-output.js'
import {planWithChangesIn, planWithView, type SessionPlan} from '../core/session/plan.js'
import {runScript, type ScriptEnd, type ScriptPlace} from '../session/run-script.js'
import {planScript} from '../session/script.js'
import type {StepPlace} from './place.js'
import {type AgainEvent, runAgain} from './run-again.js'

/** Steps may ask for two variables besides those of the configuration. `more`: what the session has besides. */
export async function planStep(
  place: StepPlace,
  argv: readonly string[] | 'hold',
  more: Readonly<Record<string, string>> = {},
): Promise<SessionPlan> {
  const {project, target, paths} = place
  const {directory, sources} = project
  const plan = await planScript(place, {
    mode: place.mode,
    lasting: 'ephemeral',
    binds: sources === 'in-place' ? [{source: directory, target: directory, access: 'rw'}] : [],
    directory,
    variables: {...place.farm, XBUILD_TARGET: target.name, XBUILD_JOBS: String(place.jobs), ...target.variables, ...more},
    argv,
  })
  const kept = planWithChangesIn(plan, paths.changes.upper, paths.changes.work)
  return sources === 'in-place' ? kept : planWithView(kept, paths.view)
}

export interface StepOptions {
  /** How often a test that failed is run again. */
  retries: number
  log: (run: number) => string
  onLine: (line: string) => void
  onAgain: (event: AgainEvent) => void
  signal: AbortSignal
}

/** Runs one step of a target to its end. What ends the build through the signal is thrown when the step has ended. */
export async function runStep(place: StepPlace, step: Step, options: StepOptions): Promise<{result: StepResult; left: ScriptEnd['left']}> {
  const written = place.project.sources === 'view' ? place.paths.view.upper : place.project.directory
  const ended = await runStepIn({plan: argv => planStep(place, argv), written, onOuter: place.onOuter, locks: place.locks}, step, options)
  const {left} = ended
  if (ended.end.kind !== 'passed' && options.signal.aborted) {
    return {result: {...ranOf(step, ended), result: 'stopped', why: reasonOf(options.signal)}, left}
  }
  const mayGoOn = mayFail(step, place.target.name) && left === 'in-peace'
  return {result: await stepResult(step, ended, mayGoOn ? 'allowed' : 'failed', options.log(0)), left}
}

const ranOf = ({name}: Step, {seconds, tests}: ScriptEnd) => ({step: name, seconds, ...(tests.length > 0 ? {tests} : {})})

/** What has ended a build, for people. */
export const reasonOf = ({reason}: AbortSignal): string => (reason instanceof Error ? reason.message : String(reason))

/** `otherwise`: what it is where it did not pass; `log`: a file with what it printed. */
export async function stepResult(step: Step, ended: ScriptEnd, otherwise: 'failed' | 'allowed', log: string): Promise<StepResult> {
  const ran = ranOf(step, ended)
  const {end} = ended
  if (end.kind === 'passed') return {...ran, result: 'passed'}
  return {...ran, result: otherwise, why: end.why, exitCode: end.exitCode, output: stepOutput(await readFile(log, 'utf8'))}
}

/** Runs one step to its end, wherever, and the tests that failed in it again. Each run has a log of its own. */
export async function runStepIn(
  place: ScriptPlace,
  {run, timeoutSeconds}: Step,
  {retries, log, onLine, onAgain, signal}: StepOptions,
): Promise<ScriptEnd> {
  let runs = 0
  const runOnce = (script: string) => runScript(place, {run: script, timeoutSeconds, log: log(runs++)}, onLine, signal)
  return runAgain(run, await runOnce(run), {times: retries, run: runOnce, tell: onAgain, signal})
}
