import {XbuildError} from '../core/errors.js'
import {exitCodeOf, type TargetResult} from '../core/project/build-result.js'
import {NATIVE} from '../core/project/native-tests.js'
import {isHostRoot} from '../core/session/plan.js'
import {idMap} from '../host/ids.js'
import {type BuildEnd, type BuildInput, buildProject} from '../project/build.js'
import type {BuildEvent} from '../project/build-target.js'
import {prepareCache} from '../project/environment-cache.js'
import {type BuildOptions, planBuild} from './build-input.js'
import {BuildProgress} from './build-progress.js'
import {removeReports, report} from './build-reports.js'
import type {BuildAgain} from './build-watch.js'
import {requireSessions} from './host-check.js'
import {onInterruption} from './interruption.js'
import {tellPrivileged} from './left-behind.js'
import {parseLimits, withinGroup} from './limits.js'

export async function build(targets: readonly string[], options: BuildOptions): Promise<number> {
  if (options.shell) return (await import('./build-look.js')).look(targets, options)
  const limits = parseLimits(options)
  const input = await planBuild(targets, options)
  if (options.dryRun) {
    const {dryRun} = await import('./build-dry-run.js')
    return dryRun(input, options)
  }
  await requireSessions(input.store.home, input.binfmt)
  if (input.cache !== undefined) await prepareCache(input.cache, input.project.directory)
  await removeReports(options)
  const interruption = onInterruption('what was built so far is kept for the next build')
  process.setMaxListeners(process.getMaxListeners() + 2 * input.targets.length) // each session passes signals on
  try {
    return await withinGroup(limits, options, {name: 'build', sessions: input.jobs.targets}, async ({onOuter}) => {
      if (options.watch) {
        const {buildOnChange} = await import('./build-watch.js')
        return buildOnChange(input.project, buildAgain(targets, options, onOuter), interruption.signal)
      }
      return exitCodeOf(await buildOnce({...input, onOuter}, options, () => {}, interruption.signal))
    })
  } finally {
    interruption.forget()
  }
}

/** With the configuration as it is now. */
const buildAgain =
  (targets: readonly string[], options: BuildOptions, onOuter: BuildInput['onOuter']): BuildAgain =>
  async (unchanged, onStep, signal) => {
    const input = {...(await planBuild(targets, options)), unchanged, onOuter}
    return {project: input.project, results: await buildOnce(input, options, onStep, signal)}
  }

async function buildOnce(
  input: BuildInput,
  options: BuildOptions,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<readonly TargetResult[]> {
  const progress = new BuildProgress()
  const tell = (target: string, event: BuildEvent) => {
    if (event.kind === 'step') onStep(event.step)
    progress.tell(target, event)
  }
  const began = Date.now()
  const {results, cutShort, native} = await buildAndCheck(input, options, tell, signal).finally(() => progress.end())
  if (input.project.sources === 'in-place' && isHostRoot(await idMap())) tellPrivileged([input.project.directory], began)
  if (!cutShort || isTold(cutShort.reason)) await report({input, began: new Date(began), results, native}, options)
  if (cutShort) throw cutShort.reason
  return results
}

/** What `--watch` ends a build with, to begin the next, is told to nobody. */
const isTold = (reason: unknown) => reason instanceof XbuildError

/** A build's end, with what the host says of the tests that failed. */
interface CheckedEnd extends BuildEnd {
  /** Undefined where nothing was asked. */
  native: TargetResult | undefined
}

async function buildAndCheck(
  input: BuildInput,
  {checkNative}: BuildOptions,
  tell: (target: string, event: BuildEvent) => void,
  signal: AbortSignal,
): Promise<CheckedEnd> {
  const built = await buildProject(input, tell, signal)
  if (!checkNative || built.cutShort) return {...built, native: undefined}
  const native = await import('../project/check-native.js')
  try {
    return {...(await native.checkNative(input, built.results, event => tell(NATIVE, event), signal)), cutShort: undefined}
  } catch (error) {
    if (!signal.aborted) throw error
    return {...built, native: undefined, cutShort: {reason: signal.reason}}
  }
}
