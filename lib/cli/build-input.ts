import {availableParallelism} from 'node:os'
import {resolve} from 'node:path'
import {ownName, readTargets} from '../config/profiles.js'
import {readProject} from '../config/project.js'
import {XbuildError} from '../core/errors.js'
import {select, shareJobs} from '../core/project/build-plan.js'
import type {Project} from '../core/project/project.js'
import {parseMode} from '../core/session/mode.js'
import type {BuildInput} from '../project/build.js'
import {openContext} from './context.js'
import type {LimitOptions} from './limits.js'
import {isSystemDirectory} from './run.js'

/** As the command line has them. */
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
  shell?: boolean
  junit?: string
  html?: string
  codeQuality?: string
  cache?: string
  json?: boolean
  dryRun?: boolean
}

/** What is to be built, by the configuration as it is now. */
export async function planBuild(names: readonly string[], options: BuildOptions): Promise<BuildInput> {
  const mode = parseMode(options.mode)
  const jobs = parseJobs(options.jobs)
  const retries = parseRetries(options.retry)
  const {project, settings: own} = await readProject(process.cwd())
  const {store, settings} = await openContext({}, own)
  checkTree(project, settings.data)
  const targets = await targetNames(names, project)
  const selected = select(project, {targets, step: options.step, from: options.from})
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

/** By the project's names, whatever else their CPUs are called. */
async function targetNames(given: readonly string[], project: Project): Promise<string[]> {
  const own = project.targets.map(({name}) => name)
  const known = given.every(name => own.includes(name)) ? [] : await readTargets()
  return given.map(name => ownName(name, own, known))
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
