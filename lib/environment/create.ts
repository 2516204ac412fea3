import {join} from 'node:path'
import {stat} from 'node:fs/promises'
import {type Profile} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {makeDirectory, writeFileSafely} from '../host/files.js'
import {makeOnce} from '../host/store.js'
import {type Root, makeRoot, planRoot} from '../root/root.js'
import {type TwinSet, makeTwinSet, planTwinSet} from '../twins/set.js'
import {type EnvironmentRecord, FORMAT, checkName} from './record.js'
import {updateRouting} from './routing.js'
import type {Store} from './store.js'

export interface CreateInput {
  name: string
  profile: Profile
  mirror: string | undefined
  include: readonly string[]
}

/** What `create` would do. */
export interface CreatePlan {
  name: string
  profile: Profile
  mirror: string | undefined
  root: Root
  twins: TwinSet
}

export function planCreate(store: Store, input: CreateInput): CreatePlan {
  checkName(input.name)
  return {
    name: input.name,
    profile: input.profile,
    mirror: input.mirror,
    root: planRoot(store.roots, input.profile, input.mirror, input.include),
    twins: planTwinSet(store.twins, input.profile, input.mirror, []),
  }
}

export type CreateStep = 'twins' | 'root' | 'environment'

export interface CreateEvents {
  onStep?: (step: CreateStep, state: 'making' | 'made' | 'there') => void
  onLine?: (step: CreateStep, line: string) => void
  signal?: AbortSignal
}

/** The command that writes the routes of a root in the making: this program itself. */
export const bootstrapRoutesCommand = (profile: Profile, twins: string) => [
  process.execPath,
  process.argv[1] as string,
  '__bootstrap-routes',
  profile.target.name,
  profile.suite.suite,
  twins,
]

/** Makes an environment and whatever it needs that is not there yet. Nothing of it shows before it is complete. */
export async function createEnvironment(store: Store, plan: CreatePlan, events: CreateEvents = {}): Promise<EnvironmentRecord> {
  await refuseTaken(store, plan.name)
  const {profile, mirror} = plan
  const options = (step: CreateStep) => ({
    mirror,
    onLine: (line: string) => events.onLine?.(step, line),
    ...(events.signal ? {signal: events.signal} : {}),
  })
  events.onStep?.('twins', 'making')
  events.onStep?.('twins', await makeTwinSet(plan.twins, profile, options('twins')))
  events.onStep?.('root', 'making')
  const session = {twins: plan.twins.tree, writeRoutes: bootstrapRoutesCommand(profile, plan.twins.tree)}
  events.onStep?.('root', await makeRoot(plan.root, profile, {...options('root'), session}))
  const record = newRecord(plan)
  const made = await makeOnce(store.environments, plan.name, directory => fillEnvironment(store, directory, plan, record))
  if (made === 'there') await refuseTaken(store, plan.name)
  events.onStep?.('environment', made)
  return record
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

/** Where dpkg's database will be written: there from the start, so that it can be watched. */
const DATABASE = 'var/lib/dpkg'

async function fillEnvironment(store: Store, directory: string, plan: CreatePlan, record: EnvironmentRecord): Promise<void> {
  const paths = store.environmentAt(directory, plan.name)
  await makeDirectory(join(paths.upper, DATABASE))
  await makeDirectory(paths.work)
  const status = await stat(join(plan.root.tree, DATABASE, 'status'))
  await updateRouting(paths, plan.profile, plan.root.tree, plan.twins.tree, status.mtimeMs)
  await writeFileSafely(paths.record, `${JSON.stringify(record, null, 2)}\n`)
}
