import {readFileSync} from 'node:fs'
import {readEmulatedProfile, readTwinRules} from '../config/profiles.js'
import {Installer} from '../core/bulk/needs.js'
import type {BuildSettings} from '../core/bulk/plan.js'
import {parseBinaries} from '../core/debian/binary-index.js'
import {needsModules} from '../core/debian/coming.js'
import type {IndexedSource} from '../core/debian/source-index.js'
import {withThrowAwayLayer} from '../environment/layer.js'
import type {EmulatedRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {type Coming, type FetchEvents, fetchTwinsAhead, refreshRouting} from '../environment/update.js'
import type {Binfmt} from '../host/binfmt.js'
import {isThere, writeFileSafely} from '../host/files.js'
import {buildProfiles} from '../packages/deb-plan.js'
import {UnmetPackages} from '../root/bootstrap.js'
import {statusTime} from '../session/files.js'
import {withEnvironment} from '../session/hold.js'
import {withTree} from '../session/twins.js'
import type {RunDirectory} from './run-directory.js'

/** What the builds of a run are going to install, as far as it may have twins: by the archives' list of packages. */
export async function comingOf(
  record: EmulatedRecord,
  sources: readonly IndexedSource[],
  binaries: string,
  architecture: string,
  settings: Pick<BuildSettings, 'checks' | 'profiles'>,
): Promise<Coming> {
  const {packages} = await readTwinRules(await readEmulatedProfile(record.profile, record.suite))
  const known = parseBinaries(binaries)
  const profiles = buildProfiles(settings)
  const installer = new Installer(known, {architecture, profiles: () => profiles, role: () => 'there'})
  const names = [...installer.ofAll(sources).binaries]
  const withModules = names.filter(name => {
    const binary = known.get(name)
    return binary !== undefined && binary.architecture !== 'all' && needsModules(binary.relations)
  })
  return {names: names.filter(name => Object.hasOwn(packages, name)), stubs: [], withModules}
}

export const writeComing = ({coming: path}: RunDirectory, coming: Coming): Promise<void> =>
  writeFileSafely(path, `${JSON.stringify(coming)}\n`)

/** One twin set for a whole run, before anything is built: attempts find it. */
export async function fetchComing(place: RunPlace, {coming: path}: Pick<RunDirectory, 'coming'>, events: RunEvents): Promise<void> {
  if (!isThere(path)) return
  const coming: Coming = JSON.parse(readFileSync(path, 'utf8'))
  await fetchTogether(place, coming, events)
}

interface RunPlace {
  store: Store
  binfmt: Binfmt | undefined
  environment: string
}

type RunEvents = FetchEvents & {signal: AbortSignal}

/** Without those that cannot be there beside others, which the attempts that install them fetch for themselves. */
async function fetchTogether(place: RunPlace, coming: Coming, events: RunEvents): Promise<void> {
  try {
    await fetchAhead(place, coming, events)
  } catch (error) {
    if (!(error instanceof UnmetPackages)) throw error
    const rest = await without(place, coming, error.packages)
    if (!rest) throw error
    events.onLine?.(`leaving ${error.packages.join(', ')} to the builds that need them`)
    await fetchTogether(place, rest, events)
  }
}

/** undefined where none of these is among what comes. */
async function without({store, environment}: RunPlace, coming: Coming, packages: readonly string[]): Promise<Coming | undefined> {
  const record = await store.read(environment)
  if (record.programs === 'native') return undefined
  const rules = await readTwinRules(await readEmulatedProfile(record.profile, record.suite))
  const isLeft = (name: string) => ![name, ...(rules.packages[name] ?? [])].some(one => packages.includes(one))
  const rest = {...coming, names: coming.names.filter(isLeft), withModules: coming.withModules.filter(isLeft)}
  const isLess = rest.names.length + rest.withModules.length < coming.names.length + coming.withModules.length
  return isLess ? rest : undefined
}

async function fetchAhead({store, binfmt, environment}: RunPlace, coming: Coming, events: RunEvents): Promise<void> {
  await withEnvironment(store, environment, 'ephemeral', ({record: below}) =>
    withThrowAwayLayer(
      store,
      below,
      async ({store: own, record}) => {
        if (record.programs === 'native') return
        const time = statusTime(own, record)
        await withTree({store: own, record, binfmt}, async tree => {
          await refreshRouting(own, record, tree, time)
          await fetchTwinsAhead(own, record, {tree, time}, coming, events)
        })
      },
      events.signal,
    ),
  )
}
