import {XbuildError} from '../core/errors.js'
import {type Artifact, isWhole, type StepResult, type TargetResult} from '../core/project/build-result.js'
import {type LastBuild, lastStep} from '../core/project/last-build.js'
import type {Step} from '../core/project/project.js'
import {type FarmNews, withFarm} from '../farm/with-farm.js'
import {writeFileSafely} from '../host/files.js'
import {type Lock, takeLock} from '../host/lock.js'
import {withPlace} from '../session/held-place.js'
import {collectArtifacts} from './artifacts.js'
import type {EnvironmentEvent, EnvironmentPlan} from './environment.js'
import {provideEnvironment} from './environment-cache.js'
import type {StepPlace} from './place.js'
import type {AgainEvent} from './run-again.js'
import {reasonOf, runStep} from './run-step.js'
import {noteUse} from './used.js'
import {beginView, endView, forgetChanges, type ViewNews} from './view.js'

/** What is told of a target's build while it runs. */
export type BuildEvent =
  | EnvironmentEvent
  | {kind: 'view'; news: ViewNews}
  | {kind: 'farm'; news: FarmNews}
  | {kind: 'step'; step: string}
  /** Of a step's output. */
  | {kind: 'line'; line: string}
  | AgainEvent
  | {kind: 'step-ended'; result: StepResult; log: string}
  | {kind: 'ended'; result: TargetResult}

export type Tell = (event: BuildEvent) => void

export interface TargetInput extends Omit<StepPlace, 'record' | 'locks'> {
  environment: EnvironmentPlan
  steps: readonly Step[]
  /** Of the first steps those that need not run where the last build's view is there still. */
  unchanged: ReadonlySet<string>
  /** How often a test that failed is run again. */
  retries: number
  /** `leave`: the last step is not among those that are done. */
  artifacts: 'collect' | 'leave'
  view: 'keep' | 'anew'
  /** A directory that environments are taken from, and kept in. */
  cache: string | undefined
  /** Asked before each step. */
  mayBegin: () => boolean
  /** A step has failed that may not. */
  onFailure: () => void
}

/** Builds one target, from its environment to its artifacts, or to where the signal ends it. Throws only what nobody expected. */
export async function buildTarget(input: TargetInput, tell: Tell, signal: AbortSignal): Promise<TargetResult> {
  const start = performance.now()
  const done: Done = {steps: [], environment: input.environment.name}
  const {steps} = done
  const end = (rest: Pick<TargetResult, 'artifacts' | 'error' | 'stopped'>): TargetResult => {
    const seconds = (performance.now() - start) / 1000
    const result = {target: input.target.name, environment: done.environment, steps, seconds, ...rest}
    tell({kind: 'ended', result})
    return result
  }
  if (!input.mayBegin() || signal.aborted) {
    steps.push(...input.steps.map(leftOut))
    return end({artifacts: []})
  }
  try {
    return end({artifacts: await buildAlone(input, done, tell, signal)})
  } catch (error) {
    if (signal.aborted) {
      steps.push(...input.steps.slice(steps.length).map(leftOut))
      return end({artifacts: [], stopped: reasonOf(signal)})
    }
    if (!(error instanceof XbuildError)) throw error
    input.onFailure()
    const {message, hint, exitCode} = error
    return end({artifacts: [], error: {message, exitCode, ...(hint === undefined ? {} : {hint})}})
  }
}

/** What is known of a build while it goes on. */
interface Done {
  steps: StepResult[]
  /** By its name: what comes of a cache has another. */
  environment: string
}

export const leftOut = ({name}: Step): StepResult => ({step: name, seconds: 0, result: 'left-out'})

/** Two builds of one target would write each other's files. */
async function buildAlone(input: TargetInput, done: Done, tell: Tell, signal: AbortSignal): Promise<Artifact[]> {
  const lock = await takeLock(input.paths.lock, 'exclusive', 'no')
  if (!lock) {
    throw new XbuildError('in-use', 'another command works on it already', {
      hint: 'wait for that build to end, or name other targets: xbuild-env build TARGET…',
    })
  }
  try {
    const environment = await provideEnvironment(input.environment, input.cache, tell, signal)
    done.environment = environment.name
    await noteUse(input.paths, input.target.name, environment.name)
    return await buildHolding({...input, environment}, lock, done.steps, tell, signal)
  } finally {
    await lock.release()
  }
}

async function buildHolding(input: TargetInput, own: Lock, steps: StepResult[], tell: Tell, signal: AbortSignal): Promise<Artifact[]> {
  const {environment, paths} = input
  return withPlace(input, environment.name, 'ephemeral', async held => {
    try {
      const place = {...input, ...held, locks: [own, ...held.locks]}
      const view = await beginView(paths, input.view === 'anew', signal)
      tell({kind: 'view', news: view.news})
      const unchanged = view.news.kind === 'kept' ? input.unchanged : new Set<string>()
      const client = {mode: input.mode, network: 'host', user: 'root'} as const
      const onFarm = (news: FarmNews) => tell({kind: 'farm', news})
      const left = await withFarm(place, client, onFarm, farm => runSteps({...place, farm, unchanged}, steps, tell, signal))
      if (left === 'in-peace') await endView(paths, view)
      signal.throwIfAborted()
      return isWhole(steps) && input.artifacts === 'collect' ? await collectArtifacts(place, signal) : []
    } finally {
      await keepForALook(input, environment.name, steps)
    }
  })
}

/** What steps changed outside of the tree, where one failed, and what is known of the build. */
async function keepForALook({paths, mode, jobs}: TargetInput, environment: string, steps: readonly StepResult[]): Promise<void> {
  if (!steps.some(({result}) => result === 'failed')) await forgetChanges(paths)
  const last: LastBuild = {format: 1, environment, mode, jobs, steps: steps.map(lastStep)}
  await writeFileSafely(paths.last, `${JSON.stringify(last)}\n`)
}

async function runSteps(
  input: TargetInput & StepPlace,
  results: StepResult[],
  tell: Tell,
  signal: AbortSignal,
): Promise<'in-peace' | 'killed'> {
  for (const step of input.steps) {
    if (input.unchanged.has(step.name)) {
      results.push({step: step.name, seconds: 0, result: 'unchanged'})
      continue
    }
    if (results.some(({result}) => result === 'failed') || !input.mayBegin() || signal.aborted) {
      results.push(leftOut(step))
      continue
    }
    tell({kind: 'step', step: step.name})
    const {result, left} = await runStep(input, step, {
      retries: input.retries,
      log: run => input.paths.log(step.name, run),
      onLine: line => tell({kind: 'line', line}),
      onAgain: tell,
      signal,
    })
    results.push(result)
    if (result.result === 'failed') input.onFailure()
    if (!signal.aborted) tell({kind: 'step-ended', result, log: input.paths.log(step.name)})
    if (left === 'killed') {
      results.push(...input.steps.slice(results.length).map(leftOut))
      return left
    }
  }
  return 'in-peace'
}
