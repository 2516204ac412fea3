import {dirname} from 'node:path'
import {readProfile} from '../config/profiles.js'
import {isThere} from '../host/files.js'
import {makeTwinSet, planTwinSet} from '../twins/set.js'
import {isImported} from './archive-header.js'
import {writeRecord} from './freeze.js'
import type {EnvironmentRecord} from './record.js'
import {type Routing, readRouting, updateRouting, wantedTwins} from './routing.js'
import {whileMaking} from './shared.js'
import type {Store} from './store.js'

/** Finds the routes of an environment anew from its tree, as a session shows it. */
export async function refreshRouting(store: Store, record: EnvironmentRecord, tree: string, time: number): Promise<void> {
  const paths = store.environment(record.name)
  if ((await readRouting(paths))?.statusTime === time) return
  const profile = await readProfile(record.profile, record.suite)
  await updateRouting(paths, {profile, tree, twinTree: store.twinTree(record.twins), statusTime: time})
}

/** The packages that no twin set of the environment has, though the profile's rules would route their programs. */
export const withoutTwins = (routing: Routing | undefined) =>
  routing?.missing.flatMap(missing => (missing.reason === 'no-twin' ? [missing.package] : [])) ?? []

export interface FetchEvents {
  onFetch?: (packages: readonly string[]) => void
  onLine?: (line: string) => void
}

/** Fetches the twins that an environment lacks; from its next session on, they are used. */
export async function fetchTwins(
  store: Store,
  record: EnvironmentRecord,
  tree: string,
  time: number,
  events: FetchEvents,
): Promise<EnvironmentRecord> {
  const profile = await readProfile(record.profile, record.suite)
  const wanted = await wantedTwins(tree, profile)
  const set = planTwinSet(store.twins, profile, record.mirror, wanted)
  if (set.key === record.twins) return record
  return whileMaking(store, undefined, async () => {
    if (!isThere(set.directory)) {
      events.onFetch?.(wanted)
      await makeTwinSet(set, profile, {
        mirror: record.mirror,
        // Nothing that an archive brought becomes part of what other environments are made of.
        ...(isImported(record.twins) ? {} : {base: dirname(store.twinTree(record.twins))}),
        ...(events.onLine ? {onLine: events.onLine} : {}),
      })
    }
    const paths = store.environment(record.name)
    const updated = {...record, twins: set.key}
    await updateRouting(paths, {profile, tree, twinTree: set.tree, statusTime: time})
    await writeRecord(paths.record, updated)
    return updated
  })
}
