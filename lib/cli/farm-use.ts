import {XbuildError} from '../core/errors.js'
import {type FarmHost, formatFarmHost, readFarmHost} from '../core/farm/hosts.js'
import {type EmulatedRecord, requireTwins} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {DISTCC, hasDistcc, keepRoutingCurrent, requireNativeDistcc} from '../farm/distcc.js'
import {readFarm, writeFarm} from '../farm/hosts-file.js'
import {compilerKey} from '../farm/key.js'
import {ask, type Reached} from '../farm/reach.js'
import type {SessionPlace} from '../session/place.js'
import {openContext} from './context.js'
import {describeRefusal} from './farm-report.js'
import {install} from './install.js'
import {printAs} from './json.js'
import type {HostStatus} from './json-outputs.js'
import type {JsonOption} from './manage.js'
import {note, print, table} from './output.js'

export interface UseOptions extends JsonOption {
  none?: boolean
  dryRun?: boolean
}

/** An environment that may have a farm. */
export type FarmPlace = SessionPlace & {record: EmulatedRecord}

/** Throws `usage` for one of this machine's own architecture. */
export async function placeOf(name: string | undefined): Promise<FarmPlace> {
  const {store, settings} = await openContext()
  const record = requireTwins(await store.read(await store.choose(name, settings.environment)))
  return {store, record, binfmt: settings.binfmt}
}

/** `xbuild-env farm use` */
export async function farmUse(name: string, words: readonly string[], options: UseOptions): Promise<number> {
  const place = await placeOf(name)
  const {store, record} = place
  if ((options.none === true) === words.length > 0) {
    throw new XbuildError('usage', options.none ? '--none goes with no machine' : 'which machines?', {
      hint: `xbuild-env farm use ${record.name} HOST…, or --none`,
    })
  }
  const hosts = words.map(readFarmHost)
  refuseBoth(options)
  if (options.dryRun) return showUse(store, record, hosts)
  const ready = hosts.length > 0 ? await provideDistcc(place) : place
  await writeFarm(store, record.name, hosts)
  const asked = await askAll(ready, hosts)
  if (options.json) printAs('farm use', {environment: record.name, hosts: asked})
  else if (hosts.length === 0) note(`nobody else compiles for environment "${record.name}"`)
  else tell(asked)
  return 0
}

/** What would be done is for people. Throws `usage`. */
export function refuseBoth({json, dryRun}: UseOptions): void {
  if (json && dryRun)
    throw new XbuildError('usage', '--json tells what was done, and --dry-run does nothing', {hint: 'leave one of the two out'})
}

function showUse(store: Store, record: EmulatedRecord, hosts: readonly FarmHost[]): number {
  if (hosts.length > 0 && !hasDistcc(store, record)) print(`install ${DISTCC} in environment "${record.name}", and fetch its twin`)
  const {farm} = store.environment(record.name)
  print(hosts.length === 0 ? `remove ${farm}` : `write ${hosts.map(formatFarmHost).join(', ')} to ${farm}`)
  return 0
}

/** Installs distcc, where the environment does not have it. Throws `no-farm` where it would be emulated. */
export async function provideDistcc(place: FarmPlace): Promise<FarmPlace> {
  const {store, record} = place
  if (!hasDistcc(store, record)) {
    note(`installing ${DISTCC} in environment "${record.name}" …`)
    await install(record.name, [DISTCC], 'stderr')
  }
  const now = {...place, record: requireTwins(await store.read(record.name))}
  await requireNativeDistcc(now)
  return now
}

/** `xbuild-env farm status` */
export async function farmStatus(name: string | undefined, options: JsonOption): Promise<number> {
  const place = await placeOf(name)
  const {store, record} = place
  const asked = await askAll(place, await readFarm(store, record.name))
  if (options.json) printAs('farm status', {environment: record.name, hosts: asked})
  else if (asked.length === 0) note(`nobody else compiles for environment "${record.name}": xbuild-env farm use ${record.name} HOST…`)
  else tell(asked)
  return asked.every(({state}) => state === 'ok') ? 0 : 1
}

async function askAll(place: FarmPlace, hosts: readonly FarmHost[]): Promise<HostStatus[]> {
  if (hosts.length === 0) return []
  const {store, record} = place
  await keepRoutingCurrent(place)
  const key = await compilerKey(store, record)
  return Promise.all(hosts.map(async host => statusOf(host, await ask(host, key))))
}

function statusOf(host: FarmHost, reached: Reached): HostStatus {
  if (reached.kind === 'ok') return {...host, state: 'ok', jobs: reached.jobs}
  return {...host, state: reached.kind, why: describeRefusal({host, reached})}
}

const tell = (asked: readonly HostStatus[]) =>
  print(table([['HOST', 'JOBS', 'STATE'], ...asked.map(one => [formatFarmHost(one), String(one.jobs ?? '-'), one.why ?? 'compiles'])]))
