import {join} from 'node:path'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {type Mode, type Running, runningOf} from '../core/session/mode.js'
import type {GuestCommand, SessionPlan} from '../core/session/plan.js'
import type {ComingRoute} from '../core/twins/route.js'
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
import {layersOf, readInEnvironment, statusTime} from './files.js'
import {findUser, type GuestUser, guestEnvironment} from './guest.js'
import type {Lasting} from './hold.js'
import {hostNetworkFiles, ownNetworkFiles} from './network-files.js'
import type {SessionPlace} from './place.js'
import {type Bind, LOCALES, planSession, type SessionInput, type SessionPrograms} from './plan.js'
import {emulatorsProcessor} from './processor.js'
import type {Unwatched} from './watch.js'

export interface EnterOptions {
  mode: Mode
  /** `ephemeral`: what the session changes in the environment is gone with it. */
  lasting: Lasting
  binds: readonly Bind[]
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
  const [passwd, group] = ['etc/passwd', 'etc/group'].map(path => readInEnvironment(layers, path, USERS_LIMIT)) as [string, string]
  const user = findUser(options.user, passwd, group)
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
    command: commandFor(record, user, options),
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

export interface EnterHooks {
  /** Packages came, went or changed: `tree` shows the environment as the session sees it. */
  onPackages: (tree: string) => Promise<void>
  /** Such changes are not seen while the session lasts: whoever looks at its end sees them. */
  onUnwatched: (why: Unwatched) => void
}

/** Finds an environment's routes while its packages come and go; undefined where nothing is routed. */
export function findingRoutes(
  store: Store,
  record: EnvironmentRecord,
  onUnwatched: EnterHooks['onUnwatched'],
  coming: readonly ComingRoute[] = [],
): EnterHooks | undefined {
  if (record.programs === 'native') return undefined
  const onPackages = async (tree: string) => {
    const {refreshRouting} = await import('../environment/update.js')
    await refreshRouting(store, record, tree, statusTime(store, record), coming)
  }
  return {onPackages, onUnwatched}
}

/** dpkg writes its database several times for one run: it is looked at when it has been left alone, or after a while. */
const QUIET_MS = 50
const LATEST_MS = 250

/** Runs a session to its end. While it lasts, changes of its packages are told. */
export async function enter(
  store: Store,
  record: EnvironmentRecord,
  plan: SessionPlan,
  hooks: EnterHooks | undefined,
  options: SessionOptions,
): Promise<SessionResult> {
  if (!hooks) return runSession(plan, options)
  const {watchDatabase} = await import('./watch.js')
  let endWatch = () => {}
  let timer: NodeJS.Timeout | undefined
  let changed: number | undefined
  let update: Promise<void> | undefined
  const onReady = (pid: number) => {
    const tree = `/proc/${pid}/root`
    const tell = async () => {
      changed = undefined
      await hooks.onPackages(tree).catch(() => {}) // the session ended: its tree is gone, the next one looks again
      update = undefined
      if (changed !== undefined) wait()
    }
    const wait = () => {
      changed ??= performance.now()
      clearTimeout(timer)
      const start = () => (update ??= tell())
      timer = setTimeout(start, Math.max(0, Math.min(QUIET_MS, changed + LATEST_MS - performance.now())))
    }
    endWatch = watchDatabase(store, record, wait, hooks.onUnwatched)
    update = tell()
  }
  try {
    return await runSession(plan, {...options, onReady})
  } finally {
    endWatch()
    clearTimeout(timer)
    changed = undefined // an update that is under way is the last
    await update
  }
}
