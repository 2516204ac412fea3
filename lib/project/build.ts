import type {Jobs} from '../core/project/build-plan.js'
import type {TargetResult} from '../core/project/build-result.js'
import type {Project, ProjectTarget, Step} from '../core/project/project.js'
import {type Mode, runningOf} from '../core/session/mode.js'
import type {Store} from '../environment/store.js'
import type {Binfmt} from '../host/binfmt.js'
import {makeClosedDirectory} from '../host/files.js'
import type {SessionOptions} from '../host/session.js'
import {type BuildEvent, buildTarget, type TargetInput} from './build-target.js'
import {planEnvironment} from './environment.js'
import {buildPaths} from './paths.js'

/** What is to be built, and how. */
export interface BuildInput {
  store: Store
  binfmt: Binfmt | undefined
  mirror: string | undefined
  project: Project
  targets: readonly ProjectTarget[]
  steps: readonly Step[]
  /** Of the first steps those that need not run where the last build's view is there still. */
  unchanged: ReadonlySet<string>
  jobs: Jobs
  mode: Mode
  view: 'keep' | 'anew'
  /** A directory that environments are taken from, and kept in. */
  cache: string | undefined
  /** How often a test that failed is run again. */
  retries: number
  /** Called with each step's session before that begins, see SessionOptions. */
  onOuter: SessionOptions['onOuter'] | undefined
  /** `go-on`: one target's failure ends that target alone. */
  failure: 'stop' | 'go-on'
}

/** What each target needs to be built: nothing is made yet. */
export function planTargets(input: BuildInput, mayBegin: () => boolean, onFailure: () => void): Promise<TargetInput[]> {
  const {store, binfmt, mirror, project, steps, mode, view, cache, retries, unchanged, onOuter} = input
  const environmentOf = async (target: ProjectTarget) => {
    const environment = await planEnvironment({store, binfmt, mirror, target})
    runningOf({name: target.name, programs: environment.create.programs}, mode) // refuses what it cannot have
    return environment
  }
  const isToTheEnd = steps.at(-1)?.name === project.steps.at(-1)?.name
  return Promise.all(
    input.targets.map(async target => ({
      store,
      binfmt,
      project,
      target,
      steps,
      mode,
      view,
      cache,
      retries,
      unchanged,
      onOuter,
      jobs: input.jobs.each,
      paths: buildPaths(store, project, target.name),
      environment: await environmentOf(target),
      artifacts: isToTheEnd ? 'collect' : 'leave',
      mayBegin,
      onFailure,
    })),
  )
}

/** How a build ended. */
export interface BuildEnd {
  /** Of each target, in the project's order. */
  results: readonly TargetResult[]
  /** What ended the whole build before all targets had ended. */
  cutShort: {reason: unknown} | undefined
}

/** Builds the targets side by side. */
export async function buildProject(
  input: BuildInput,
  tell: (target: string, event: BuildEvent) => void,
  signal: AbortSignal,
): Promise<BuildEnd> {
  await makeClosedDirectory(input.store.projects)
  let hasFailed = false
  const end = new AbortController()
  const both = AbortSignal.any([signal, end.signal])
  const targets = await planTargets(
    input,
    () => input.failure === 'go-on' || !hasFailed,
    () => {
      hasFailed = true
    },
  )
  const results = new Map<string, TargetResult>()
  const waiting = [...targets]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const {name} = next.target
      results.set(name, await buildTarget(next, event => tell(name, event), both))
    }
  }
  const workers = Array.from({length: input.jobs.targets}, () => work().catch(error => end.abort(error)))
  await Promise.all(workers)
  return {
    results: targets.flatMap(({target}) => results.get(target.name) ?? []),
    cutShort: both.aborted ? {reason: both.reason} : undefined,
  }
}
