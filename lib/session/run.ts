import {join} from 'node:path'
import {OWN_REPOSITORY} from '../core/debian/own-repository.js'
import {hostNames} from '../core/hosts/names.js'
import {type Running, runningOf} from '../core/session/mode.js'
import type {SessionPlan} from '../core/session/plan.js'
import {keepTablesCurrent} from '../environment/current-routes.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {RoutingPaths} from '../environment/routing-paths.js'
import type {Store} from '../environment/store.js'
import {chooseBinfmt} from '../host/binfmt.js'
import {checkWritable, isThere} from '../host/files.js'
import {idMap} from '../host/ids.js'
import {runSession, type SessionOptions, type SessionResult} from '../host/session.js'
import {requireDirectories} from '../twins/damaged.js'
import {loadersForProcessor} from '../twins/loaders.js'
import {type EnterOptions, guestCommand} from './command.js'
import {layersOf} from './files.js'
import type {Following} from './following.js'
import {hostNetworkFiles, ownNetworkFiles} from './network-files.js'
import type {SessionPlace} from './place.js'
import {type Bind, LOCALES, planSession, type SessionInput, type SessionPrograms} from './plan.js'
import {emulatorsProcessor} from './processor.js'

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
    binds: [...options.binds, ...ownRepository(record)],
    networkFiles: options.network === 'host' ? hostNetworkFiles() : await ownNetworkFiles(layers, record.name, paths.hosts),
    network: options.network,
    terminal: options.terminal,
    command,
  }
  return planSession({...input, processor: await emulatorsProcessor(store, record, input)})
}

/** Where it is gone, sessions go without it, and apt says so. */
const ownRepository = ({repository}: EnvironmentRecord): Bind[] =>
  repository !== undefined && isThere(repository) ? [{source: repository, target: OWN_REPOSITORY, access: 'ro'}] : []

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
  const host = hostNames()
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

/** Runs a session to its end. While it lasts, changes of its packages are told. */
export async function enter(plan: SessionPlan, follow: Following | undefined, options: SessionOptions): Promise<SessionResult> {
  if (!follow) return runSession(plan, options)
  try {
    return await runSession(plan, {...options, onReady: follow.begin})
  } finally {
    await follow.end()
  }
}
