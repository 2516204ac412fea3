import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import type {StepResult, TargetResult} from '../core/project/build-result.js'
import {NATIVE, stepsToCheck, withNative} from '../core/project/native-tests.js'
import {planWithView} from '../core/session/plan.js'
import {makeDirectory} from '../host/files.js'
import {makeWorkDirectory, type WorkDirectory} from '../host/work-directory.js'
import {planOnHostReadOnly} from '../session/on-host.js'
import type {ScriptPlace} from '../session/run-script.js'
import type {BuildInput} from './build.js'
import {leftOut, type Tell} from './build-target.js'
import {logFile, nativeDirectory} from './paths.js'
import {runStepIn, stepResult} from './run-step.js'

/** The targets' results with what the host says of the tests that failed, and its own. */
export interface NativeCheck {
  results: readonly TargetResult[]
  /** Undefined where no test failed. */
  native: TargetResult | undefined
}

/**
 * Tells a fault of the target, or of its emulator, from one of the program: runs the project's steps on the host, once for
 * all targets, in a view of the tree that is removed at the end. Throws only where the signal ends it.
 */
export async function checkNative(
  input: BuildInput,
  results: readonly TargetResult[],
  tell: Tell,
  signal: AbortSignal,
): Promise<NativeCheck> {
  const wanted = stepsToCheck(results)
  if (wanted.size === 0) return {results, native: undefined}
  const native = await buildOnHost(input, wanted, tell, signal)
  tell({kind: 'ended', result: native})
  return {results: withNative(results, native), native}
}

async function buildOnHost(input: BuildInput, wanted: ReadonlySet<string>, tell: Tell, signal: AbortSignal): Promise<TargetResult> {
  const start = performance.now()
  const end = (steps: readonly StepResult[], error?: TargetResult['error']): TargetResult => {
    const seconds = (performance.now() - start) / 1000
    return {target: NATIVE, environment: undefined, steps, artifacts: [], seconds, ...(error ? {error} : {})}
  }
  if (input.project.sources === 'in-place') {
    return end([], {message: 'a build in place leaves the files of its targets in the tree', exitCode: 1})
  }
  try {
    return end(await runOnHost(input, wanted, tell, signal))
  } catch (error) {
    if (signal.aborted || !(error instanceof XbuildError)) throw error
    return end([], {message: error.message, exitCode: error.exitCode})
  }
}

async function runOnHost(input: BuildInput, wanted: ReadonlySet<string>, tell: Tell, signal: AbortSignal): Promise<StepResult[]> {
  const directory = nativeDirectory(input.store, input.project)
  const logs = join(directory, 'logs')
  await makeDirectory(logs)
  const work = await makeWorkDirectory(directory)
  try {
    return await runSteps(await makePlace(input, work), {...input, wanted, logs}, tell, signal)
  } finally {
    await work.remove()
  }
}

/** The host's tree, read-only, with a view of the project's: nothing that a step installs comes to the host. */
async function makePlace({project, jobs, onOuter}: BuildInput, {path: work, lock}: WorkDirectory): Promise<ScriptPlace> {
  const {directory} = project
  const [written, viewWork, empty] = [join(work, 'view'), join(work, 'view-work'), join(work, 'empty')]
  for (const path of [written, viewWork, empty]) await mkdir(path)
  const variables = {XBUILD_TARGET: NATIVE, XBUILD_JOBS: String(jobs.targets * jobs.each), ...project.environment}
  const environment = Object.entries(variables).map(([name, value]) => Buffer.from(`${name}=${value}`))
  return {
    written,
    onOuter,
    locks: [lock],
    plan: async argv => {
      const command = {
        argv: argv.map(word => Buffer.from(word)),
        directory,
        home: '/tmp',
        network: 'host',
        environment,
        caller: process.env,
      } as const
      return planWithView(await planOnHostReadOnly(command, empty), {directory, upper: written, work: viewWork})
    },
  }
}

interface StepsInput extends BuildInput {
  /** Those whose tests are wanted, whether they fail or not. */
  wanted: ReadonlySet<string>
  logs: string
}

/** Up to the last that is wanted: what they build is what the tests need. */
async function runSteps(
  place: ScriptPlace,
  {project, retries, wanted, logs}: StepsInput,
  tell: Tell,
  signal: AbortSignal,
): Promise<StepResult[]> {
  const results: StepResult[] = []
  const last = project.steps.findLastIndex(({name}) => wanted.has(name))
  for (const step of project.steps.slice(0, last + 1)) {
    if (results.some(({result}) => result === 'failed')) {
      results.push(leftOut(step))
      continue
    }
    tell({kind: 'step', step: step.name})
    const log = (run: number) => logFile(logs, step.name, run)
    const ended = await runStepIn(place, step, {retries, log, onLine: line => tell({kind: 'line', line}), onAgain: tell, signal})
    signal.throwIfAborted()
    const result = await stepResult(step, ended, wanted.has(step.name) || step.allowFailure !== 'none' ? 'allowed' : 'failed', log(0))
    results.push(result)
    tell({kind: 'step-ended', result, log: log(0)})
  }
  return results
}
