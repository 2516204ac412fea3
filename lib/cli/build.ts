import {readFile} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import {resolve} from 'node:path'
import {readProject} from '../config/project.js'
import {XbuildError} from '../core/errors.js'
import {printable} from '../core/printable.js'
import {select, shareJobs} from '../core/project/build-plan.js'
import {exitCodeOf, type TargetResult} from '../core/project/build-result.js'
import {junitReport} from '../core/project/junit.js'
import {NATIVE} from '../core/project/native-tests.js'
import type {Project} from '../core/project/project.js'
import {parseMode} from '../core/session/mode.js'
import {isHostRoot} from '../core/session/plan.js'
import {writeFileSafely} from '../host/files.js'
import {idMap} from '../host/ids.js'
import {type BuildInput, buildProject} from '../project/build.js'
import type {BuildEvent} from '../project/build-target.js'
import type {NativeCheck} from '../project/check-native.js'
import {prepareCache} from '../project/environment-cache.js'
import {buildPaths} from '../project/paths.js'
import {adviseMissing} from './build-advice.js'
import {buildHtml} from './build-html.js'
import {BuildProgress} from './build-progress.js'
import {nativeLines, resultTable} from './build-report.js'
import type {BuildAgain} from './build-watch.js'
import {openContext} from './context.js'
import {requireSessions} from './host-check.js'
import {onInterruption} from './interruption.js'
import {tellPrivileged} from './left-behind.js'
import {type LimitOptions, parseLimits, withinGroup} from './limits.js'
import {note, print, printJson, red, table, warn} from './output.js'
import {isSystemDirectory} from './run.js'

export interface BuildOptions extends Omit<LimitOptions, 'timeout'> {
  step?: string
  from?: string
  clean?: boolean
  keepGoing?: boolean
  jobs?: string
  mode?: string
  retry?: string | true
  checkNative?: boolean
  watch?: boolean
  junit?: string
  html?: string
  cache?: string
  json?: boolean
  dryRun?: boolean
}

export async function build(targets: readonly string[], options: BuildOptions): Promise<number> {
  const limits = parseLimits(options)
  const input = await planBuild(targets, options)
  if (options.dryRun) {
    const {dryRun} = await import('./build-dry-run.js')
    return dryRun(input, options)
  }
  await requireSessions(input.store.home, input.binfmt)
  if (input.cache !== undefined) await prepareCache(input.cache, input.project.directory)
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
  const {results, native} = await buildAndCheck(input, options, tell, signal).finally(() => progress.end())
  if (input.project.sources === 'in-place' && isHostRoot(await idMap())) tellPrivileged([input.project.directory], began)
  for (const result of results) await noteFailure(input, result)
  for (const line of nativeLines(results)) note(line)
  if (options.junit !== undefined) await writeFileSafely(resolve(options.junit), junitReport(results))
  if (options.html !== undefined) await writeFileSafely(resolve(options.html), buildHtml(input.project.directory, results))
  if (options.json) printJson({project: input.project.directory, mode: input.mode, targets: results, native})
  else print(table(resultTable(results)))
  return results
}

async function buildAndCheck(
  input: BuildInput,
  {checkNative}: BuildOptions,
  tell: (target: string, event: BuildEvent) => void,
  signal: AbortSignal,
): Promise<NativeCheck> {
  const results = await buildProject(input, tell, signal)
  if (!checkNative) return {results, native: undefined}
  const native = await import('../project/check-native.js')
  return native.checkNative(input, results, event => tell(NATIVE, event), signal)
}

async function planBuild(names: readonly string[], options: BuildOptions): Promise<BuildInput> {
  const mode = parseMode(options.mode)
  const jobs = parseJobs(options.jobs)
  const retries = parseRetries(options.retry)
  const {project, settings: own} = await readProject(process.cwd())
  const {store, settings} = await openContext({}, own)
  checkTree(project, settings.data)
  const selected = select(project, {targets: names, step: options.step, from: options.from})
  return {
    store,
    binfmt: settings.binfmt,
    mirror: settings.mirror,
    project,
    ...selected,
    jobs: shareJobs(selected.targets.length, jobs, project.sources),
    mode,
    retries,
    unchanged: new Set(),
    onOuter: undefined,
    view: options.clean ? 'anew' : 'keep',
    cache: options.cache === undefined ? undefined : resolve(options.cache),
    failure: options.keepGoing ? 'go-on' : 'stop',
  }
}

/** Throws `usage`. */
export function parseJobs(text: string | undefined): number {
  if (text === undefined) return availableParallelism()
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text)
  throw new XbuildError('usage', `--jobs ${text}: not a number from 1 on`, {hint: 'by default it is the number of processors'})
}

function parseRetries(text: string | true | undefined): number {
  if (text === undefined) return 0
  if (text === true) return 1
  if (/^[0-9]{1,2}$/.test(text)) return Number(text)
  throw new XbuildError('usage', `--retry ${text}: not a number up to 99`, {hint: 'where a target follows, give both: --retry 1 TARGET'})
}

function checkTree({directory}: Project, data: string): void {
  if (isSystemDirectory(directory)) {
    throw new XbuildError('bad-directory', `${directory} is a directory of the system`, {hint: 'move the project to one of your own'})
  }
  if (`${data}/`.startsWith(`${directory}/`)) {
    throw new XbuildError('bad-directory', `${directory} holds the environments themselves`, {
      hint: 'move the project to a directory of its own, or the data: XBUILD_ENV_DATA=/some/directory',
    })
  }
}

/** Of a step's output, the last so many bytes are shown where it failed; its file has all. */
const SHOWN = 2 ** 20

/** On a terminal, where they have not been seen yet, with all that a failed step printed. */
async function noteFailure({store, project, retries}: BuildInput, {target, steps, environment, error}: TargetResult): Promise<void> {
  const failed = steps.find(({result}) => result === 'failed')
  if (failed?.result === 'failed') {
    const again = retries > 0 ? '; what was run again has +1, +2 … in its name' : ''
    const log = buildPaths(store, project, target).log(failed.step)
    const output = (await readFile(log)).subarray(-SHOWN).toString()
    if (process.stderr.isTTY) for (const line of output.trimEnd().split('\n')) note(`${target} | ${printable(line)}`)
    warn(`${red('xbuild-env:')} ${target}: ${failed.step} failed: ${failed.why}\n  all that it printed is in ${log}${again}`)
    for (const line of await adviseMissing(store, environment, output)) warn(`  ${line}`)
  }
  if (error) warn(`${red('xbuild-env:')} ${target}: ${error.message}${error.hint ? `\n  ${error.hint}` : ''}`)
}
