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
  target: ProjectTarget
}

/** The environment that a target is built in: whoever wants the same profile, suite and packages gets the same. */
export interface EnvironmentPlan extends EnvironmentInput {
  name: string
  /** A digest of what goes into it. */
  key: string
  create: CreatePlan
}

/** Where no archive has packages for the CPU, they come with the root: those that are for every CPU, and stubs. */
export async function planEnvironment(input: EnvironmentInput): Promise<EnvironmentPlan> {
  const {store, target, mirror} = input
  const profile = await readProfile(target.profile, target.suite)
  const {programs} = profile
  const binfmt = await chooseBinfmt(input.binfmt, {profile: target.profile, programs})
  const include = rootKind(profile) === 'cross' ? target.packages : []
  const create = planCreate(store, {name: target.profile, profile, binfmt, mode: 'hybrid', mirror, include})
  const key = contentKey({format: FORMATS[programs], root: create.root.key, profile: target.profile, packages: target.packages})
  const name = `${target.profile}-${key.slice(0, 8)}`
  return {...input, name, key, create: {...create, name}}
}

/** What is told of an environment while it is being made. */
export type EnvironmentEvent =
  | {kind: 'environment'; name: string; state: 'making' | 'made' | 'importing' | 'imported' | 'exporting' | 'exported'}
  /** The build goes on without. */
  | {kind: 'cache-failed'; why: string}
  /** Of what makes it. */
  | {kind: 'line'; line: string}

/** Another build has made it meanwhile. */
export const isNameTaken = (error: unknown) => error instanceof XbuildError && error.reason === 'name-taken'

/** Makes the environment. `there`: another build has meanwhile; whatever has its name has all its packages. */
export async function makeEnvironment(
  plan: EnvironmentPlan,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<'made' | 'there'> {
  const {store, create, target} = plan
  const events: CreateEvents = {
    onStep: (step, state) => state === 'making' && onLine(`making the ${step === 'twins' ? 'twin set' : step}`),
    onLine: (_, line) => onLine(line),
    complete: async record => {
      if (target.packages.length > 0 && !create.root.host) await installPackages(plan, record, onLine, signal)
    },
    signal,
  }
  try {
    await createEnvironment(store, create, events)
    return 'made'
  } catch (error) {
    if (isNameTaken(error)) return 'there'
    throw error
  }
}

async function installPackages(
  {store, binfmt, target}: EnvironmentPlan,
  record: EnvironmentRecord,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  onLine(`installing ${target.packages.join(', ')}`)
  const place = {store, record, binfmt}
  const lines = await tryInstall(place, installScript(target.packages, 'stdout'), onLine, signal)
  if (lines) throw installFailed(target, lines)
  await fetchMissingTwins(place, packages => onLine(`fetching the twins of ${packages.join(', ')}`))
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
