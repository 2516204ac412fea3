import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import {isThere, readFileIfThere, SHORT_TEXT_LIMIT} from '../host/files.js'
import {type EnvironmentRecord, isOfBuilds, parseRecord, twinKeys} from './record.js'
import {type RoutingPaths, routingParts, routingPaths} from './routing-paths.js'

/** The directories of one data home, and of what lies in it. */
export class Store {
  readonly home: string
  readonly roots: string
  readonly twins: string
  readonly layers: string
  /** Routes of roots with twin sets. */
  readonly routing: string
  readonly environments: string
  /** The twins' dynamic loaders, for this machine's processor. */
  readonly loaders: string
  /** What emulators say of this machine's processor. */
  readonly processors: string
  /** Stub packages of CPUs without an archive. */
  readonly stubs: string
  /** Throw-away layers, in which packages are built. */
  readonly builds: string
  /** What builds changed in the trees of projects. */
  readonly projects: string
  /** Of sessions that run: what they are, and where they are joined. */
  readonly sessions: string

  /** `environments`: a directory for other environments than the home's own, which are made of what is in the home. */
  constructor(home: string, environments = join(home, 'environments')) {
    this.home = home
    this.roots = join(home, 'roots')
    this.twins = join(home, 'twins')
    this.layers = join(home, 'layers')
    this.routing = join(home, 'routing')
    this.environments = environments
    this.loaders = join(home, 'loaders')
    this.processors = join(home, 'processors')
    this.stubs = join(home, 'stubs')
    this.builds = join(home, 'builds')
    this.projects = join(home, 'projects')
    this.sessions = join(home, 'sessions')
  }

  /**
   * Those that hold what sessions write, or programs of the host's architecture: a set-user-id bit there would give whoever can
   * reach them the user's rights.
   */
  get guarded(): string[] {
    return [this.environments, this.layers, this.builds, this.projects, this.roots, this.twins, this.sessions]
  }

  environment = (name: string): EnvironmentPaths => this.environmentAt(join(this.environments, name), name)

  /** The paths of an environment that lies elsewhere, in the making. */
  environmentAt(directory: string, name: string): EnvironmentPaths {
    return {
      directory,
      record: join(directory, 'environment.json'),
      upper: join(directory, 'upper'),
      work: join(directory, 'work'),
      hosts: join(directory, 'hosts'),
      farm: join(directory, 'farm.json'),
      ...routingPaths(join(directory, 'routes')),
      lock: join(this.environments, `.${name}.lock`),
    }
  }

  rootTree = (key: string) => join(this.roots, key, 'tree')
  twinTree = (key: string) => join(this.twins, key, 'tree')
  layerTree = (id: string) => join(this.layers, id, 'tree')

  /** All environments' names, sorted; those being made or removed left out. */
  async names(): Promise<string[]> {
    if (!isThere(this.environments)) return []
    const names = await readdir(this.environments).catch(error => {
      throw error.code === 'EACCES' ? ofAnotherUser(this.environments) : error
    })
    return names.filter(name => !name.startsWith('.')).sort()
  }

  async read(name: string): Promise<EnvironmentRecord> {
    const names = await this.names()
    if (names.includes(name)) {
      const text = await readFileIfThere(this.environment(name).record, SHORT_TEXT_LIMIT)
      if (text !== undefined) return parseRecord(text, name)
      throw new XbuildError('environment-damaged', `environment "${name}" is damaged: it has no environment.json`, {
        hint: `xbuild-env remove ${name}, then create it again`,
      })
    }
    throw new XbuildError('unknown-environment', `there is no environment "${name}"`, {hint: await hintOf(name, names)})
  }

  /** The environment's layers below its own changes, topmost first. */
  lowerLayers = (record: EnvironmentRecord): string[] => [...record.layers.map(id => this.layerTree(id)), this.rootTree(record.root)]

  /** Refuses an environment of which somebody removed a part. One that is being frozen is whole once that is finished. */
  checkWhole(record: EnvironmentRecord): void {
    if (record.freezing !== undefined) return
    const paths = this.environment(record.name)
    const parts = [
      ...this.lowerLayers(record),
      ...twinKeys(record).map(this.twinTree),
      paths.upper,
      ...routingParts(paths, record.programs),
    ]
    const missing = parts.find(part => !isThere(part))
    if (missing === undefined) return
    throw new XbuildError('environment-damaged', `environment "${record.name}" is damaged: ${missing} is missing`, {
      hint: `xbuild-env remove ${record.name}, then create it again`,
    })
  }

  /** The environment of a name, or of the profile that others call so (`aarch64`, `linux/arm64`), whether it is there or not. */
  async called(name: string): Promise<string> {
    return (await this.names()).includes(name) ? name : ((await profileNamed(name)) ?? name)
  }

  /**
   * The environment that is meant: the one that is called so. Where none is named: the settings' default, or the only one, those
   * left out that builds of projects made for themselves.
   */
  async choose(name: string | undefined, fallback: string | undefined): Promise<string> {
    const chosen = name ?? fallback
    if (chosen !== undefined) return this.called(chosen)
    const names = await this.names()
    const own = names.length > 1 ? await this.#ownNames(names) : names
    if (own.length === 1) return own[0] as string
    if (names.length === 0) {
      throw new XbuildError('no-environment', 'there is no environment yet', {hint: 'make one: xbuild-env create mips64el'})
    }
    throw new XbuildError('ambiguous-environment', `which environment? there are ${(own.length > 0 ? own : names).join(', ')}`, {
      hint: 'name one, or set "environment" in the settings',
    })
  }

  /** A damaged one may be anybody's: it counts. */
  async #ownNames(names: readonly string[]): Promise<string[]> {
    const records = await Promise.all(names.map(name => this.read(name).catch(() => undefined)))
    return names.filter((_, i) => records[i] === undefined || !isOfBuilds(records[i]))
  }
}

const ofAnotherUser = (path: string) =>
  new XbuildError('unreadable', `${path} cannot be read (EACCES): it is another user's`, {
    hint: 'keep the data elsewhere: XBUILD_ENV_DATA=/some/directory',
  })

export interface EnvironmentPaths extends RoutingPaths {
  directory: string
  record: string
  /** What sessions changed. */
  upper: string
  work: string
  /** The list of hosts for sessions with a network of their own. */
  hosts: string
  /** The machines that compile for its sessions; there where there are any. */
  farm: string
  lock: string
}

/** One whose name is like that; else the profile of that name, or of one that is like it. */
async function hintOf(name: string, names: readonly string[]): Promise<string> {
  const near = nearest(name, names)
  const {findTarget, readTargets} = await import('../config/profiles.js')
  const targets = await readTargets()
  const called = findTarget(name, targets)?.name
  if (called !== undefined) return `make it: xbuild-env create ${called}`
  if (near !== undefined) return `did you mean ${near}?`
  if (names.length > 0) return `there are: ${names.join(', ')}`
  const profile = nearest(
    name,
    targets.map(target => target.name),
  )
  return profile === undefined ? 'make one of a target: "xbuild-env profiles" lists them' : `make one: xbuild-env create ${profile}`
}

/** The profile that others call so. */
async function profileNamed(name: string): Promise<string | undefined> {
  const {findTarget, readTargets} = await import('../config/profiles.js')
  return findTarget(name, await readTargets())?.name
}
