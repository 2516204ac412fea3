import {cp} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {Profile} from '../config/profiles.js'
import {DPKG_DATABASE} from '../core/debian.js'
import {XbuildError} from '../core/errors.js'
import type {Mode} from '../core/mode.js'
import type {Binfmt} from '../host/binfmt.js'
import {isThere, makeDirectory} from '../host/files.js'
import {makeHostRoot, makeRoot, planRoot, type Root} from '../root/root.js'
import {type MakeOptions, makeTwinSet, planTwinSet, type TwinSet} from '../twins/set.js'
import {makeCrossRoot} from './cross-root.js'
import {writeRecord} from './freeze.js'
import {checkName, type EnvironmentRecord, FORMAT} from './record.js'
import {baseRouting} from './routing.js'
import {makeNamed, whileMaking} from './shared.js'
import type {Store} from './store.js'

export interface CreateInput {
  name: string
  profile: Profile
  binfmt: Binfmt
  /** How the root's programs run while it is made; it comes out the same. */
  mode: Mode
  mirror: string | undefined
  include: readonly string[]
}

/** What `create` would do. */
export interface CreatePlan {
  name: string
  profile: Profile
  binfmt: Binfmt
  /** How the root's programs run while it is made; it comes out the same. */
  mode: Mode
  mirror: string | undefined
  root: Root
  twins: TwinSet
}

export function planCreate(store: Store, input: CreateInput): CreatePlan {
  checkName(input.name)
  const twins = planTwinSet(store.twins, input.profile, input.mirror, [])
  return {
    name: input.name,
    profile: input.profile,
    binfmt: input.binfmt,
    mode: input.mode,
    mirror: input.mirror,
    root: planRoot(store.roots, input.profile, input.mirror, input.include, twins.key),
    twins,
  }
}

export type CreateStep = 'twins' | 'host-root' | 'root' | 'environment'

export interface CreateEvents {
  onStep?: (step: CreateStep, state: 'making' | 'made' | 'there') => void
  onLine?: (step: CreateStep, line: string) => void
  /** What else belongs in the environment before it shows; its record has the name of the directory where it is made. */
  complete?: (record: EnvironmentRecord) => Promise<void>
  signal?: AbortSignal
}

/** The command that writes the routes of a root in the making: this program itself. */
export const bootstrapRoutesCommand = ({profile, mode}: CreatePlan) => [
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
  await makeBoth(plan, events)
  if (plan.root.host) await step(plan, events, 'root', options => makeCrossRoot(plan, options))
  const record = newRecord(plan)
  const made = await makeEnvironment(store, record, plan.profile, events)
  if (made === 'there') await refuseTaken(store, plan.name)
  events.onStep?.('environment', made)
  return record
}

/** Makes an environment of a root and a twin set that are there, without changes of its own, unless there is one of its name. */
export async function makeEnvironment(
  store: Store,
  record: EnvironmentRecord,
  profile: Profile,
  {complete, signal}: Pick<CreateEvents, 'complete' | 'signal'> = {},
): Promise<'made' | 'there'> {
  const fill = async (directory: string) => {
    await fillEnvironment(store, directory, record, profile)
    await complete?.({...record, name: basename(directory)})
  }
  return makeNamed(store, record.name, fill, signal)
}

/** A step whose result other environments share. */
export type SharedStep = Exclude<CreateStep, 'environment'>

async function step(
  plan: CreatePlan,
  events: CreateEvents,
  name: SharedStep,
  make: (options: MakeOptions) => Promise<'made' | 'there'>,
): Promise<void> {
  const {directory} = name === 'twins' ? plan.twins : name === 'host-root' ? (plan.root.host ?? plan.root) : plan.root
  if (!isThere(directory)) events.onStep?.(name, 'making')
  const onLine = (line: string) => events.onLine?.(name, line)
  events.onStep?.(name, await make({mirror: plan.mirror, onLine, ...(events.signal ? {signal: events.signal} : {})}))
}

/**
 * The twin set and the root, or the one that it is laid out from, side by side: the root's programs wait for their twins.
 * What fails first ends the other.
 */
async function makeBoth(plan: CreatePlan, events: CreateEvents): Promise<void> {
  const {profile, twins, root} = plan
  if (isThere(root.directory) && isThere(twins.directory)) return
  const end = new AbortController()
  const signal = events.signal ? AbortSignal.any([events.signal, end.signal]) : end.signal
  const endingOther = (name: SharedStep, make: (options: MakeOptions) => Promise<'made' | 'there'>) =>
    step(plan, {...events, signal}, name, make).catch(error => {
      end.abort(error)
      throw error
    })
  const {host} = root
  const begun = later<string>(signal)
  const session = async () => ({twins: await begun.value, writeRoutes: bootstrapRoutesCommand(plan), binfmt: plan.binfmt})
  const results = await Promise.allSettled([
    endingOther('twins', options => makeTwinSet(twins, profile, {...options, onBegin: begun.give})),
    host
      ? endingOther('host-root', options => makeHostRoot(host, profile, options))
      : endingOther('root', async options => makeRoot(root, profile, await session(), options)),
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
  throw new XbuildError('name-taken', `there is an environment "${name}" already`, {
    hint: `choose another with --name, or remove it first: xbuild-env remove ${name}`,
  })
}

function newRecord(plan: CreatePlan): EnvironmentRecord {
  const {target, suite} = plan.profile
  return {
    format: FORMAT,
    name: plan.name,
    profile: target.name,
    suite: suite.suite,
    created: new Date().toISOString(),
    ...(plan.mirror === undefined ? {} : {mirror: plan.mirror}),
    root: plan.root.key,
    layers: [],
    twins: plan.twins.key,
    elf: target.elf,
    endian: target.endian,
    triple: target.triple,
  }
}

async function fillEnvironment(store: Store, directory: string, record: EnvironmentRecord, profile: Profile): Promise<void> {
  const paths = store.environmentAt(directory, record.name)
  await makeDirectory(join(paths.upper, DPKG_DATABASE)) // there from the start, so that it can be watched
  await makeDirectory(paths.work)
  const base = await baseRouting(store, {root: record.root, twins: record.twins, profile})
  await cp(dirname(base.routing), dirname(paths.routing), {recursive: true})
  await writeRecord(paths.record, record)
}
