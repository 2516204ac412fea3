import {basename} from 'node:path'
import {readProfile, rootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {contentKey} from '../core/key.js'
import {NO_SPACE_HINT, saysNoSpace} from '../core/no-space.js'
import type {ProjectTarget} from '../core/project/project.js'
import {type CreateEvents, type CreatePlan, createEnvironment, planCreate} from '../environment/create.js'
import {type EnvironmentRecord, FORMATS} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {type Binfmt, chooseBinfmt} from '../host/binfmt.js'
import {installScript, tryInstall, whyNotInstalled} from '../session/install.js'
import {fetchMissingTwins} from '../session/twins.js'

export interface EnvironmentInput {
  store: Store
  binfmt: Binfmt | undefined
  mirror: string | undefined
  /** The directory of the project. */
  project: string
  target: ProjectTarget
}

/**
 * The environment that a target is built in: whoever wants the same profile, suite and packages gets the same, by the name
 * that it has from the project which made it.
 */
export interface EnvironmentPlan extends EnvironmentInput {
  name: string
  /** A digest of what goes into it. */
  key: string
  create: CreatePlan
}

/** What an environment is called in a cache of any project's: by what it is alone. */
export const contentName = ({target: {profile}, key}: EnvironmentPlan) => `${profile}-${key.slice(0, 8)}`

/** Where no archive has packages for the CPU, they come with the root: those that are for every CPU, and stubs. */
export async function planEnvironment(input: EnvironmentInput): Promise<EnvironmentPlan> {
  const {store, target, mirror} = input
  const profile = await readProfile(target.profile, target.suite)
  const {programs} = profile
  const binfmt = await chooseBinfmt(input.binfmt, {profile: target.profile, programs})
  const include = rootKind(profile) === 'cross' ? target.packages : []
  const create = planCreate(store, {name: target.profile, profile, binfmt, mode: 'hybrid', mirror, include})
  const key = contentKey({format: FORMATS[programs], root: create.root.key, profile: target.profile, packages: target.packages})
  return named({...input, name: target.profile, key, create}, await nameFor(input, key))
}

const named = (plan: EnvironmentPlan, name: string): EnvironmentPlan => ({...plan, name, create: {...plan.create, name}})

/** So many characters of a project's name: an environment's has room for them, a profile and a digest (see record.ts). */
const LONGEST_PROJECT = 20

/** The project as an environment's name has it. */
export const projectName = (directory: string) =>
  basename(directory)
    .replaceAll(/[^a-zA-Z0-9._]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, LONGEST_PROJECT)
    .replace(/[^a-zA-Z0-9]+$/, '') || 'project'

/** The one that is there; else the project's, unless another has its name. */
async function nameFor({store, project, target: {profile}}: EnvironmentInput, key: string): Promise<string> {
  const names = await store.names()
  const records = await Promise.all(names.map(name => store.read(name).catch(() => undefined)))
  const there = records.find(record => record?.build?.origin === 'made' && record.build.key === key)
  if (there) return there.name
  const digits = key.slice(0, 8)
  const olds = `${profile}-${digits}` // as versions before called it
  if (names.includes(olds)) return olds
  const name = `${projectName(project)}-${profile}`
  return names.includes(name) ? `${name}-${digits}` : name
}

/** What is told of an environment while it is being made. */
export type EnvironmentEvent =
  | {kind: 'environment'; name: string; state: 'making' | 'made' | 'importing' | 'imported' | 'exporting' | 'exported'}
  /** The build goes on without. */
  | {kind: 'cache-failed'; why: string}
  /** What of it is being made now: `the root`. */
  | {kind: 'part'; doing: string}
  /** Of what makes it. */
  | {kind: 'maker-line'; line: string}

export type TellEnvironment = (event: EnvironmentEvent) => void

/** Another build has made it meanwhile. */
export const isNameTaken = (error: unknown) => error instanceof XbuildError && error.reason === 'name-taken'

/**
 * Makes the environment, and returns it by the name that it has. `there`: another build has made it meanwhile, and whatever
 * has its key has all its packages. Where one of another key has got the name meanwhile, it has another.
 */
export async function makeEnvironment(
  plan: EnvironmentPlan,
  tell: TellEnvironment,
  signal: AbortSignal,
): Promise<{state: 'made' | 'there'; plan: EnvironmentPlan}> {
  const {store, create, target, project, key} = plan
  const events: CreateEvents = {
    onStep: (step, state) => state === 'making' && tell({kind: 'part', doing: `making the ${step === 'twins' ? 'twin set' : step}`}),
    onLine: (_, line) => tell({kind: 'maker-line', line}),
    complete: async record => (target.packages.length > 0 && !create.root.host ? installPackages(plan, record, tell, signal) : record),
    signal,
  }
  try {
    await createEnvironment(store, {...create, build: {project: projectName(project), key, origin: 'made'}}, events)
    return {state: 'made', plan}
  } catch (error) {
    if (!isNameTaken(error)) throw error
    const name = await nameFor(plan, key)
    return name === plan.name ? {state: 'there', plan} : makeEnvironment(named(plan, name), tell, signal)
  }
}

async function installPackages(
  {store, binfmt, target}: EnvironmentPlan,
  record: EnvironmentRecord,
  tell: TellEnvironment,
  signal: AbortSignal,
): Promise<EnvironmentRecord> {
  tell({kind: 'part', doing: `installing ${target.packages.join(', ')}`})
  const place = {store, record, binfmt}
  const onLine = (line: string) => tell({kind: 'maker-line', line})
  const lines = await tryInstall(place, installScript(target.packages, 'stdout'), onLine, signal)
  if (lines) throw installFailed(target, lines)
  const onFetch = (packages: readonly string[]) => tell({kind: 'part', doing: `fetching the twins of ${packages.join(', ')}`})
  return fetchMissingTwins(place, {onFetch, onLine, signal})
}

function installFailed({name, packages}: ProjectTarget, lines: readonly string[]): XbuildError {
  if (lines.some(saysNoSpace)) {
    return new XbuildError('no-space', `${name}: ${packages.join(', ')} cannot be installed: no space left on the disk`, {
      hint: NO_SPACE_HINT,
    })
  }
  return new XbuildError('install-failed', `${name}: ${packages.join(', ')} cannot be installed: ${whyNotInstalled(lines)}`, {
    hint: 'check the names under "packages" in the configuration, and the mirror',
  })
}
