import {join} from 'node:path'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {type Mode, type Running, runningOf} from '../core/session/mode.js'
import type {GuestCommand, SessionPlan} from '../core/session/plan.js'
import {keepTablesCurrent} from '../environment/current-routes.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {RoutingPaths} from '../environment/routing-paths.js'
import type {Store} from '../environment/store.js'
import {chooseBinfmt} from '../host/binfmt.js'
import {checkWritable} from '../host/files.js'
import {idMap} from '../host/ids.js'
import {runSession, type SessionOptions, type SessionResult} from '../host/session.js'
import {requireDirectories} from '../twins/damaged.js'
import {loadersForProcessor} from '../twins/loaders.js'
import {layersOf, readInEnvironment} from './files.js'
import type {Following} from './following.js'
import {findUser, type GuestUser, guestEnvironment} from './guest.js'
import type {Lasting} from './hold.js'
import {hostNetworkFiles, ownNetworkFiles} from './network-files.js'
import type {SessionPlace} from './place.js'
import {type Bind, LOCALES, planSession, type SessionInput, type SessionPrograms} from './plan.js'
import {emulatorsProcessor} from './processor.js'

export interface EnterOptions {
  mode: Mode
  /** `ephemeral`: what the session changes in the environment is gone with it. */
  lasting: Lasting
  binds: readonly Bind[]
  /** The bind that is there without having been asked for, by its path in both trees. */
  project?: string | undefined
  network: 'host' | 'own'
  user: string
  /** Undefined: the user's home. */
  directory: string | undefined
  /** Variables that the user gave. */
  environment: readonly Buffer[]
  /** Of whose variables some are passed on; by default this process's. */
  caller?: Readonly<Record<string, string | undefined>>
  terminal: boolean
  /** `shell`: the user's, as a login shell. `hold`: nothing is run, the session is there until it is told to end. */
  argv: readonly Buffer[] | 'shell' | 'hold'
}

/** Bytes of the environment's lists of users and groups: a hundred thousand of each. */
const USERS_LIMIT = 8 * 2 ** 20

/** What a session of an environment is made of. */
export async function prepareSession({store, record, binfmt}: SessionPlace, options: EnterOptions): Promise<SessionPlan> {
  const paths = store.environment(record.name)
  const lower = store.lowerLayers(record)
  const running = runningOf(record, options.mode)
  store.checkWhole(record)
  await keepTablesCurrent(store, record)
  const layers = layersOf(store, record)
  const command = guestCommand({store, record, binfmt}, options)
  const ephemeral = options.lasting === 'ephemeral'
  if (!ephemeral) await checkWritable(paths.upper)
  const input: SessionInput = {
    name: record.name,
    ids: await idMap(),
    binfmt: await chooseBinfmt(binfmt, record),
    programs: await sessionPrograms(store, record),
    lower: ephemeral ? layers : lower,
    upper: ephemeral ? undefined : {directory: paths.upper, work: paths.work},
    routes: tableOf(paths, running),
    binds: options.binds,
    networkFiles: options.network === 'host' ? hostNetworkFiles() : await ownNetworkFiles(layers, record.name, paths.hosts),
    network: options.network,
    terminal: options.terminal,
    command,
  }
  return planSession({...input, processor: await emulatorsProcessor(store, record, input)})
}

function tableOf({hybridRoutes, emulatedRoutes, nativeTable}: RoutingPaths, running: Running): string {
  switch (running) {
    case 'hybrid':
      return hybridRoutes
    case 'emulated':
      return emulatedRoutes
    case 'native':
      return nativeTable
  }
}

async function sessionPrograms(store: Store, record: EnvironmentRecord): Promise<SessionPrograms> {
  const host = hostArchitecture()
  switch (record.programs) {
    case 'emulated': {
      const {elf, endian} = record
      const twins = store.twinTree(record.twins)
      const libraries = join('usr/lib', host.triple)
      requireDirectories(twins, [libraries, ...(endian === 'big' ? [LOCALES] : [])])
      const loaders = await loadersForProcessor(store.loaders, record.twins, join(twins, libraries), host)
      return {run: 'emulated', elf, endian, twins, libraries, loaders, preludes: store.environment(record.name).preludes}
    }
    case 'native':
      return {run: 'native'}
  }
}

/** What runs in a session: the user is looked for in the environment, as far as no session keeps it in memory. */
export function guestCommand({store, record}: SessionPlace, options: EnterOptions): GuestCommand {
  const layers = layersOf(store, record)
  const [passwd, group] = ['etc/passwd', 'etc/group'].map(path => readInEnvironment(layers, path, USERS_LIMIT)) as [string, string]
  return commandFor(record, findUser(options.user, passwd, group), options)
}

function commandFor(record: EnvironmentRecord, user: GuestUser, options: EnterOptions): GuestCommand {
  const {argv, directory, caller = process.env, environment} = options
  if (argv === 'hold') return {kind: 'hold'}
  return {
    kind: 'execute',
    argv: argv === 'shell' ? [Buffer.from(user.shell), Buffer.from('-l')] : argv,
    environment: guestEnvironment(record, user, caller, environment),
    directory: directory ?? user.home,
    uid: user.uid,
    gid: user.gid,
    groups: user.groups,
  }
}

/** Runs a session to its end. While it lasts, changes of its packages are told. */
export async function enter(plan: SessionPlan, follow: Following | undefined, options: SessionOptions): Promise<SessionResult> {
  if (!follow) return runSession(plan, options)
  try {
    return await runSession(plan, {...options, onReady: follow.begin})
  } finally {
    await follow.end()
  }
}
