import {XbuildError} from '../core/errors.js'
import {brokenStep, type LastBuild} from '../core/project/last-build.js'
import {NATIVE} from '../core/project/native-tests.js'
import type {Step} from '../core/project/project.js'
import type {BuildInput} from '../project/build.js'
import {chooseStep, type LookNews, logsOf, lookInto, notBuilt, readLastBuild} from '../project/look.js'
import {type BuildPaths, buildPaths, logFile, nativeDirectory} from '../project/paths.js'
import {type BuildOptions, planBuild} from './build-input.js'
import {reportEnd} from './enter-report.js'
import {requireSessions} from './host-check.js'
import {parseLimits, withinGroup} from './limits.js'
import {note, printLog} from './output.js'

/** What makes no sense with a shell. */
const NOT_WITH_SHELL = [
  'from',
  'clean',
  'keepGoing',
  'jobs',
  'retry',
  'checkNative',
  'watch',
  'junit',
  'html',
  'codeQuality',
  'cache',
  'dryRun',
  'json',
] as const

/** `build --shell`: a shell where a step of the last build ran. The exit status is the shell's. */
export async function look(names: readonly string[], options: BuildOptions): Promise<number> {
  const odd = NOT_WITH_SHELL.find(name => options[name] !== undefined)
  if (odd !== undefined) {
    const option = `--${odd.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
    throw new XbuildError('usage', `--shell builds nothing: ${option} means nothing with it`, {
      hint: 'xbuild-env build --shell [TARGET] [--step NAME]',
    })
  }
  const limits = parseLimits(options)
  const {step: stepName, ...rest} = options
  const input = await planBuild(names, {...rest, ...(stepName === undefined ? {} : {step: stepName})})
  const {target, last, paths} = await chooseTarget(input, names)
  const step = stepName === undefined ? chooseStep(input.project.steps, last) : input.steps[0]
  if (!step) throw new XbuildError('usage', 'this project has no steps', {hint: '"xbuild-env config" shows what it has'})
  await requireSessions(input.store.home, input.binfmt)
  const {store, binfmt, project} = input
  const mode = options.mode === undefined ? last.mode : input.mode
  const place = {store, binfmt, project, target, paths, mode, onOuter: undefined}
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  const result = await withinGroup(limits, options, {name: 'session', sessions: 1}, ({onOuter}) =>
    lookInto({...place, onOuter}, last, step, news => tell(target.name, news, input), {
      output: 'inherit',
      terminal,
      ...(onOuter ? {onOuter} : {}),
    }),
  )
  return reportEnd(result, store, last.environment, {argv: 'shell', mode})
}

function tell(target: string, {step, last, view, conflicts}: LookNews, {project}: BuildInput): void {
  const how = last === undefined ? 'which the last build did not have' : 'why' in last ? `${last.result}: ${last.why}` : last.result
  note(`${target}, step ${step.name}, ${how}`)
  note(`  ${project.directory} is as the build left it; what you change there, the next build finds`)
  if (view === 'killed') note('  that build was killed: which of its files are whole, nobody knows, and the next one starts over')
  if (conflicts.length > 0) note(`  changed by a build, and by you since; yours is used: ${conflicts.slice(0, NAMED).join(', ')}`)
  note('  the step again: sh -e -c "$XBUILD_SCRIPT"')
}

/** Of a list of files, so many are named. */
const NAMED = 5

interface Chosen {
  target: BuildInput['targets'][number]
  paths: BuildPaths
  last: LastBuild
}

/** The one that is named, else the only one, else the only one that failed. */
async function chooseTarget(input: BuildInput, names: readonly string[]): Promise<Chosen> {
  const known = await Promise.all(
    input.targets.map(async target => {
      const paths = buildPaths(input.store, input.project, target.name)
      return {target, paths, last: await readLastBuild(paths)}
    }),
  )
  const isBroken = ({last}: {last: LastBuild | undefined}) => last !== undefined && brokenStep(last) !== undefined
  const chosen = known.length === 1 ? known : known.filter(isBroken)
  const [one, ...others] = chosen
  if (one && others.length === 0) {
    const {last} = one
    if (last) return {...one, last}
    throw notBuilt(one.target.name)
  }
  const candidates = chosen.length > 0 ? chosen : known
  throw new XbuildError(
    'usage',
    `which target? ${candidates.map(({target}) => target.name).join(', ')} ${chosen.length > 0 ? 'failed' : 'are there'}`,
    {
      hint: `name one: xbuild-env build --shell ${candidates[0]?.target.name ?? names[0] ?? 'TARGET'}`,
    },
  )
}

export interface LogOptions {
  run?: string
}

/** `build log`: what a step printed in the last build that ran it. */
export async function showLog(given: string, stepName: string | undefined, {run = '0'}: LogOptions): Promise<number> {
  const isNative = given === NATIVE
  const input = await planBuild(isNative ? [] : [given], stepName === undefined ? {} : {step: stepName})
  const {store, project} = input
  const targetName = isNative ? NATIVE : (input.targets[0]?.name ?? given)
  const paths = buildPaths(store, project, targetName)
  const last = isNative ? undefined : await readLastBuild(paths)
  const step = stepName === undefined && last ? chooseStep(project.steps, last) : input.steps[0]
  if (!step) throw notBuilt(targetName)
  const logs = logsOf(
    isNative ? number => logFile(`${nativeDirectory(store, project)}/logs`, step.name, number) : number => paths.log(step.name, number),
  )
  const path = logs[parseRun(run)]
  if (path === undefined) throw missingLog(targetName, step, logs)
  const ended = last?.steps.find(one => one.step === step.name)
  if (ended?.result === 'left-out' || ended?.result === 'unchanged')
    note(`${targetName}: of an earlier build: in the last one ${step.name} did not run`)
  if (logs.length > 1) note(`${targetName}: ${step.name} ran ${logs.length} times: --run 0 to --run ${logs.length - 1}`)
  await printLog(path)
  return 0
}

function parseRun(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new XbuildError('usage', `--run ${text}: not a number`, {
    hint: '0 is the first run of a step; tests that were run again count from 1',
  })
}

function missingLog(target: string, {name}: Step, logs: readonly string[]): XbuildError {
  if (logs.length === 0) {
    return new XbuildError('usage', `${target}: nothing is kept of ${name}`, {
      hint: `run it first: xbuild-env build ${target}`,
      exitCode: 1,
    })
  }
  return new XbuildError('usage', `${target}: ${name} ran ${logs.length === 1 ? 'once' : `${logs.length} times`}`, {
    hint: `the last has the number ${logs.length - 1}`,
  })
}
