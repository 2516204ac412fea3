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
export async function fetchComing(
  {store, binfmt, environment}: {store: Store; binfmt: Binfmt | undefined; environment: string},
  {coming: path}: RunDirectory,
  events: FetchEvents & {signal: AbortSignal},
): Promise<void> {
  if (!isThere(path)) return
  const coming: Coming = JSON.parse(readFileSync(path, 'utf8'))
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
