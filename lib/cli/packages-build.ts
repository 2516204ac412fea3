import {mkdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {findUninstallable} from '../bulk/dose.js'
import {earlierDurations, planPackages} from '../bulk/plan.js'
import {holdRun} from '../bulk/run.js'
import {type RunDirectory, runDirectory, runNames, writePlan} from '../bulk/run-directory.js'
import {readProfile} from '../config/profiles.js'
import {type BulkPlan, type Experiment, type LeftOut, PLAN_FORMAT} from '../core/bulk/plan.js'
import {type Selection, selectSources} from '../core/bulk/select.js'
import {parseSources} from '../core/debian/source-index.js'
import {LONGEST_SECONDS, parseDuration} from '../core/duration.js'
import {XbuildError} from '../core/errors.js'
import {parseSize} from '../core/session/limits.js'
import {finishFreezing} from '../environment/freeze.js'
import {type ThrowAwayLayer, withThrowAwayLayer} from '../environment/layer.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {isThere} from '../host/files.js'
import {makeWorkDirectory} from '../host/work-directory.js'
import {readSource} from '../packages/deb-source.js'
import {fetchIndices} from '../packages/indices.js'
import {holdEnvironment} from '../session/run.js'
import {type Context, openContext} from './context.js'
import {checkArchive} from './install.js'
import {onInterruption} from './interruption.js'
import {LiveLine, note, print, printJson} from './output.js'
import {work} from './packages-work.js'

export interface PackagesBuildOptions {
  list?: string
  section?: readonly string[]
  all?: boolean
  sample?: string
  seed: string
  maxSize?: string
  run?: string
  jobs?: string
  slots?: string
  checks: boolean
  profiles?: readonly string[]
  native?: string
  experiments: boolean
  budget: string
  timeout: string
  silence: string
  memory?: string
  processes: string
  disk?: string
  retries: string
  trace: boolean
  checkInstallable: boolean
  dryRun?: boolean
  json?: boolean
}

export async function packagesBuild(name: string, words: readonly string[], options: PackagesBuildOptions): Promise<number> {
  const choices = readChoices(options)
  const context = await openContext()
  const {store} = context
  const record = await store.read(name)
  await checkArchive(record)
  const directory = runDirectory(store, options.run ?? (await freeName(store, name)))
  if (isThere(directory.plan)) {
    throw new XbuildError('name-taken', `there is a run "${options.run}" already`, {
      hint: `go on with it: xbuild-env packages resume ${options.run}; or call this one something else: --run NAME`,
    })
  }
  const selection = await readSelection(words, options)
  const plan = await planRun(context, record, directory, selection, choices, options)
  for (const one of plan.left) note(describeLeft(one))
  if (plan.packages.length === 0) throw nothingToBuild(plan.left)
  if (options.dryRun) return describe(plan, options)
  await mkdir(directory.path, {recursive: true})
  await writePlan(directory, plan)
  const lock = await holdRun(directory)
  return work(context, directory, lock, options)
}

const describeLeft = ({word, why, nearest}: LeftOut) =>
  `left out: ${word}: ${why}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`

const nothingToBuild = (left: readonly LeftOut[]) =>
  new XbuildError('unknown-package', 'there is nothing to be built', {
    hint: left.length > 0 ? 'name source packages, as apt-get source takes them' : 'name packages, or --list, --section, --sample or --all',
  })

function describe(plan: BulkPlan, {json}: PackagesBuildOptions): number {
  if (json) printJson(plan)
  else {
    for (const {name, version, blocked} of plan.packages)
      print(`${name} ${version}${blocked === undefined ? '' : `  (blocked: ${blocked})`}`)
    note(`${plan.packages.length} packages for ${plan.architecture}, in environment ${plan.environment}`)
  }
  return 0
}

/** What of the options is not which packages. */
type Choices = Pick<BulkPlan, 'settings' | 'policy'>

function readChoices(options: PackagesBuildOptions): Choices {
  const size = (option: string, value: string | undefined) =>
    value === undefined ? undefined : given(option, value, parseSize, 'a size, as 512M or 4G')
  const time = (option: string, value: string) => given(option, value, parseTime, 'a time, as 30m or 4h')
  const number = (option: string, value: string) => given(option, value, parseNumber, 'a number')
  const experiments: readonly Experiment[] = options.experiments ? ['alone', 'native', 'emulated'] : []
  return {
    settings: {
      checks: options.checks ? 'run' : 'skip',
      profiles: checkProfiles(options.profiles ?? []),
      traces: options.trace ? 'kept' : 'none',
      archive: 'not-compared',
      limits: {
        time: time('--timeout', options.timeout),
        silence: time('--silence', options.silence),
        memory: size('--memory', options.memory),
        processes: number('--processes', options.processes),
        disk: size('--disk', options.disk),
      },
    },
    policy: {retries: number('--retries', options.retries), budget: time('--budget', options.budget), experiments},
  }
}

function given<T>(option: string, text: string, parse: (text: string) => T | undefined, what: string): T {
  const value = parse(text)
  if (value !== undefined) return value
  throw new XbuildError('usage', `${option} ${text}: not ${what}`, {hint: `${option} takes ${what}`})
}

function parseTime(text: string): number | undefined {
  const seconds = parseDuration(text)
  return seconds !== undefined && seconds <= LONGEST_SECONDS ? seconds : undefined
}

const parseNumber = (text: string) => (/^\d{1,7}$/.test(text) ? Number(text) : undefined)

/** https://wiki.debian.org/BuildProfileSpec: names as of packages. */
function checkProfiles(profiles: readonly string[]): readonly string[] {
  const odd = profiles.find(one => !/^[a-z0-9][a-z0-9.+-]*$/.test(one))
  if (odd === undefined) return profiles
  throw new XbuildError('usage', `"${odd}" is no build profile`, {hint: 'as nodoc, or nodoc,nocheck'})
}

/** Names of the archives, and what lies on the host. */
interface Wanted {
  selection: Selection
  paths: readonly string[]
}

async function readSelection(words: readonly string[], options: PackagesBuildOptions): Promise<Wanted> {
  const listed = options.list === undefined ? [] : await readList(options.list)
  const isPath = (word: string) => word.includes('/') || word.endsWith('.dsc') || word === '.' || word === '..'
  const all = [...words, ...listed]
  return {
    paths: all.filter(isPath),
    selection: {
      names: all.filter(word => !isPath(word)),
      sections: options.section ?? [],
      all: options.all === true,
      sample:
        options.sample === undefined ? undefined : {count: given('--sample', options.sample, parseNumber, 'a number'), seed: options.seed},
      largest: options.maxSize === undefined ? undefined : given('--max-size', options.maxSize, parseSize, 'a size, as 5M'),
    },
  }
}

/** A name on each line; what follows # is for people. */
async function readList(path: string): Promise<string[]> {
  const content =
    path === '-' ? await text(process.stdin) : await readFile(path, 'utf8').catch(error => Promise.reject(noList(path, error)))
  return content
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim())
    .filter(Boolean)
}

const noList = (path: string, error: NodeJS.ErrnoException) =>
  new XbuildError('unreadable', `${path} cannot be read (${error.code})`, {
    hint: 'name a file with the name of a source package on each line',
  })

/** ENV-2026-11-30, and with a number where that is taken. */
async function freeName(store: Store, environment: string): Promise<string> {
  const taken = new Set(await runNames(store))
  const base = `${environment}-${new Date().toISOString().slice(0, 10)}`
  let name = base
  for (let number = 2; taken.has(name); number++) name = `${base}.${number}`
  return name
}

async function planRun(
  {store, settings}: Context,
  record: EnvironmentRecord,
  directory: RunDirectory,
  {selection, paths}: Wanted,
  choices: Choices,
  options: PackagesBuildOptions,
): Promise<BulkPlan> {
  const interruption = onInterruption('nothing is left of it')
  const {signal} = interruption
  const {target} = await readProfile(record.profile, record.suite)
  const {architecture} = target
  await mkdir(store.builds, {recursive: true})
  const workplace = await makeWorkDirectory(store.builds)
  const live = new LiveLine()
  try {
    note('fetching the lists of packages …')
    const indices = {sources: join(workplace.path, 'Sources'), packages: join(workplace.path, 'Packages')}
    await overEnvironment(store, record.name, signal, async (layer, locks) => {
      const site = {...layer, binfmt: settings.binfmt, locks, traces: 'none' as const}
      await fetchIndices(site, workplace.path, line => live.show(line), signal)
    })
    live.clear()
    const index = parseSources(await readFile(indices.sources, 'utf8'))
    const {packages, left} = selectSources(index, selection, architecture)
    const names = packages.map(({name}) => name)
    const blocked =
      options.checkInstallable && names.length > 0
        ? await findUninstallable(indices, architecture, names, signal)
        : new Map<string, string>()
    if (blocked === undefined) note('what cannot be installed is found out while it is built: dose-builddebcheck is not installed')
    const earlier = await earlierDurations(store, architecture)
    const native = await findNative(store, record, options.native)
    return {
      format: PLAN_FORMAT,
      name: directory.path.split('/').at(-1) ?? '',
      made: new Date().toISOString(),
      environment: record.name,
      architecture,
      suite: record.suite,
      native,
      ...choices,
      policy: {...choices.policy, experiments: possible(choices.policy.experiments, record, native)},
      packages: planPackages({packages, index, blocked: blocked ?? new Map(), earlier, paths: paths.map(path => readSource(path, ''))}),
      left,
    }
  } finally {
    live.clear()
    interruption.forget()
    await workplace.remove()
  }
}

/** Where everything runs by itself, there is nothing to emulate. */
const possible = (experiments: readonly Experiment[], {programs}: EnvironmentRecord, native: string | undefined) =>
  experiments.filter(one => one === 'alone' || (programs === 'emulated' && (one !== 'native' || native !== undefined)))

async function overEnvironment<T>(
  store: Store,
  name: string,
  signal: AbortSignal,
  use: (layer: ThrowAwayLayer, locks: readonly ThrowAwayLayer['lock'][]) => Promise<T>,
): Promise<T> {
  const found = await store.read(name)
  const lock = await holdEnvironment(store, name, found.freezing === undefined ? 'ephemeral' : 'lasting')
  try {
    const record = await finishFreezing(store, await store.read(name))
    return await withThrowAwayLayer(store, record, layer => use(layer, [layer.lock, lock]), signal)
  } finally {
    await lock.release()
  }
}

/** The environment that is named, or one of the host's own architecture and of the same suite. */
async function findNative(store: Store, record: EnvironmentRecord, name: string | undefined): Promise<string | undefined> {
  if (name !== undefined) {
    if ((await store.read(name)).programs === 'native') return name
    throw new XbuildError('usage', `environment "${name}" is not of this machine's own architecture`, {
      hint: 'make one: xbuild-env create amd64',
    })
  }
  for (const one of await store.names()) {
    const other = await store.read(one).catch(() => undefined)
    if (other?.programs === 'native' && other.suite === record.suite) return one
  }
  return undefined
}
