import {basename, dirname, join} from 'node:path'
import {type EmulatedProfile, type NativeProfile, type Profile, requireEmulated} from '../config/profiles.js'
import {DPKG_DATABASE} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import type {Mode} from '../core/session/mode.js'
import type {Binfmt} from '../host/binfmt.js'
import {copyFiles, isThere, makeDirectory} from '../host/files.js'
import {makeOnce} from '../host/store.js'
import {makeHostRoot, makeRoot, planNativeRoot, planRoot, type Root} from '../root/root.js'
import {type MakeOptions, makeTwinSet, planTwinSet, type TwinSet} from '../twins/set.js'
import {makeCrossRoot} from './cross-root.js'
import {writeNativeTable} from './native-table.js'
import {type BuildFor, checkName, type EnvironmentRecord, FORMATS, writeRecord} from './record.js'
import {baseRouting} from './routing.js'
import type {RoutingPaths} from './routing-paths.js'
import {whileMaking} from './shared.js'
import type {Store} from './store.js'

export interface CreateInput {
  name: string
  profile: Profile
  binfmt: Binfmt
  /** How the root's programs run while it is made; it comes out the same. */
  mode: Mode
  mirror: string | undefined
  include: readonly string[]
  /** A directory with what "packages publish" put there, which the environment goes by. */
  repository?: string | undefined
}

/** What `create` would do. */
export type CreatePlan = EmulatedCreatePlan | NativeCreatePlan

interface PlanOfAny {
  name: string
  mirror: string | undefined
  repository?: string
  root: Root
  /** What builds it is made for. */
  build?: BuildFor
}

export interface EmulatedCreatePlan extends PlanOfAny {
  programs: 'emulated'
  profile: EmulatedProfile
  binfmt: Binfmt
  /** How the root's programs run while it is made; it comes out the same. */
  mode: Mode
  twins: TwinSet
}

/** Of the host's own architecture: the root is all. */
export interface NativeCreatePlan extends PlanOfAny {
  programs: 'native'
  profile: NativeProfile
}

export function planCreate(store: Store, input: CreateInput): CreatePlan {
  const {name, profile, binfmt, mode, mirror, include} = input
  checkName(name)
  const common = {name, mirror, ...(input.repository === undefined ? {} : {repository: input.repository})}
  switch (profile.programs) {
    case 'emulated': {
      const twins = planTwinSet(store.twins, profile, mirror, [])
      const root = planRoot(store.roots, profile, mirror, include, twins.key)
      return {...common, programs: profile.programs, profile, binfmt, mode, root, twins}
    }
    case 'native':
      return {...common, programs: profile.programs, profile, root: planNativeRoot(store.roots, profile, mirror, include)}
  }
}

export type CreateStep = 'twins' | 'host-root' | 'root' | 'environment'

export interface CreateEvents {
  onStep?: (step: CreateStep, state: 'making' | 'made' | 'there') => void
  onLine?: (step: CreateStep, line: string) => void
  /**
   * Adds what else belongs in the environment before it shows, and returns its record as that is then; its name is that of the directory
   * where it is made.
   */
  complete?: (record: EnvironmentRecord) => Promise<EnvironmentRecord>
  signal?: AbortSignal
}

/** The command that writes the routes of a root in the making: this program itself. */
export const bootstrapRoutesCommand = ({profile, mode}: EmulatedCreatePlan) => [
  process.execPath,
  process.argv[1] as string,
  '__bootstrap-routes',
  mode,
  profile.target.name,
  profile.suite.suite,
]

/** Makes an environment and whatever it needs that is not there yet. Nothing of it shows before it is complete. */
export async function createEnvironment(store: Store, plan: CreatePlan, events: CreateEvents = {}): Promise<EnvironmentRecord> {
  await refuseTaken(store, plan.name)
  return whileMaking(store, events.signal, () => makeAll(store, plan, events))
}

async function makeAll(store: Store, plan: CreatePlan, events: CreateEvents): Promise<EnvironmentRecord> {
  await makeParts(plan, events)
  const record = newRecord(plan)
  const made = await makeEnvironment(store, record, plan.profile, events)
  if (made === 'there') await refuseTaken(store, plan.name)
  events.onStep?.('environment', made)
  return record
}

/** What other environments share. */
async function makeParts(plan: CreatePlan, events: CreateEvents): Promise<void> {
  switch (plan.programs) {
    case 'emulated':
      await makeBoth(plan, events)
      if (plan.root.host) await step(plan, plan.root, events, 'root', options => makeCrossRoot(plan, options))
      return
    case 'native':
      return step(plan, plan.root, events, 'root', options => makeHostRoot(plan.root, plan.profile, options))
  }
}

/** Makes an environment of what is there for it, without changes of its own, unless there is one of its name. */
export async function makeEnvironment(
  store: Store,
  record: EnvironmentRecord,
  profile: Profile,
  {complete, signal}: Pick<CreateEvents, 'complete' | 'signal'> = {},
): Promise<'made' | 'there'> {
  const fill = async (directory: string) => {
    await fillEnvironment(store, directory, record, profile)
    if (!complete) return
    const completed = await complete({...record, name: basename(directory)})
    await writeRecord(store.environmentAt(directory, record.name).record, {...completed, name: record.name})
  }
  return makeOnce(store.environments, record.name, fill, signal)
}

/** A step whose result other environments share. */
export type SharedStep = Exclude<CreateStep, 'environment'>

async function step(
  {mirror}: CreatePlan,
  {directory}: Root | TwinSet,
  events: CreateEvents,
  name: SharedStep,
  make: (options: MakeOptions) => Promise<'made' | 'there'>,
): Promise<void> {
  if (!isThere(directory)) events.onStep?.(name, 'making')
  const onLine = (line: string) => events.onLine?.(name, line)
  events.onStep?.(name, await make({mirror, onLine, ...(events.signal ? {signal: events.signal} : {})}))
}

/**
 * The twin set and the root, or the one that it is laid out from, side by side: the root's programs wait for their twins.
 * What fails first ends the other.
 */
async function makeBoth(plan: EmulatedCreatePlan, events: CreateEvents): Promise<void> {
  const {profile, twins, root} = plan
  if (isThere(root.directory) && isThere(twins.directory)) return
  const end = new AbortController()
  const signal = events.signal ? AbortSignal.any([events.signal, end.signal]) : end.signal
  const endingOther = (name: SharedStep, of: Root | TwinSet, make: (options: MakeOptions) => Promise<'made' | 'there'>) =>
    step(plan, of, {...events, signal}, name, make).catch(error => {
      end.abort(error)
      throw error
    })
  const {host} = root
  const begun = later<string>(signal)
  const session = async () => ({twins: await begun.value, writeRoutes: bootstrapRoutesCommand(plan), binfmt: plan.binfmt})
  const results = await Promise.allSettled([
    endingOther('twins', twins, options => makeTwinSet(twins, profile, {...options, onBegin: begun.give})),
    host
      ? endingOther('host-root', host, options => makeHostRoot(host, profile, options))
      : endingOther('root', root, async options => makeRoot(root, profile, await session(), options)),
  ])
  if (results.some(result => result.status === 'rejected')) throw signal.reason
}

/** A value that comes later, unless the signal comes first. */
function later<T>(signal: AbortSignal): {value: Promise<T>; give: (value: T) => void} {
  let give: (value: T) => void = () => {}
  const value = new Promise<T>((resolve, reject) => {
    give = resolve
    signal.addEventListener('abort', () => reject(signal.reason), {once: true})
  })
  value.catch(() => {}) // told to whoever waits; that may be nobody
  return {value, give}
}

async function refuseTaken(store: Store, name: string): Promise<void> {
  if (!(await store.names()).includes(name)) return
  throw new XbuildError('name-taken', `environment "${name}" already exists`, {
    hint: `choose another with --name, or remove it first: xbuild-env remove ${name}`,
  })
}

function newRecord(plan: CreatePlan): EnvironmentRecord {
  const {target, suite} = plan.profile
  const common = {
    format: FORMATS[plan.programs],
    name: plan.name,
    profile: target.name,
    suite: suite.suite,
    created: new Date().toISOString(),
    ...(plan.mirror === undefined ? {} : {mirror: plan.mirror}),
    ...(plan.repository === undefined ? {} : {repository: plan.repository}),
    root: plan.root.key,
    layers: [],
    ...(plan.build === undefined ? {} : {build: plan.build}),
    elf: target.elf,
    endian: target.endian,
    triple: target.triple,
  }
  switch (plan.programs) {
    case 'emulated':
      return {...common, programs: plan.programs, twins: plan.twins.key}
    case 'native':
      return {...common, programs: plan.programs}
  }
}

async function fillEnvironment(store: Store, directory: string, record: EnvironmentRecord, profile: Profile): Promise<void> {
  const paths = store.environmentAt(directory, record.name)
  await makeDirectory(join(paths.upper, DPKG_DATABASE)) // there from the start, so that it can be watched
  await makeDirectory(paths.work)
  await fillRouting(store, paths, record, profile)
  await writeRecord(paths.record, record)
}

async function fillRouting(store: Store, paths: RoutingPaths, record: EnvironmentRecord, profile: Profile): Promise<void> {
  switch (record.programs) {
    case 'emulated': {
      const base = await baseRouting(store, {root: record.root, twins: record.twins, profile: requireEmulated(profile)})
      return copyFiles(dirname(base.routing), dirname(paths.routing))
    }
    case 'native':
      return writeNativeTable(paths)
  }
}
