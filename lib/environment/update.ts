import {dirname} from 'node:path'
import {type EmulatedProfile, readEmulatedProfile, readTwinRules} from '../config/profiles.js'
import type {ComingPackage} from '../core/debian/coming.js'
import type {ComingRoute} from '../core/twins/route.js'
import {Tree} from '../host/beneath.js'
import {isThere} from '../host/files.js'
import {findComingRoutes, withComing} from '../twins/coming-routes.js'
import {readPackages} from '../twins/packages.js'
import {knownTwinSets, makeTwinSet, planTwinSet, type TwinSet} from '../twins/set.js'
import {targetFacts} from '../twins/table.js'
import {readUnfitIn} from '../twins/unfit.js'
import {isImported} from './archive-header.js'
import {type EmulatedRecord, writeRecord} from './record.js'
import {type Routing, readRouting, updateRouting, wantedTwins, writeTables} from './routing.js'
import {whileMaking} from './shared.js'
import type {Store} from './store.js'

/** Finds the routes of an environment anew from its tree, as a session shows it. */
export async function refreshRouting(
  store: Store,
  record: EmulatedRecord,
  tree: string,
  time: number,
  coming: readonly ComingRoute[] = [],
): Promise<void> {
  const paths = store.environment(record.name)
  if ((await readRouting(paths))?.statusTime === time) return
  const profile = await readEmulatedProfile(record.profile, record.suite)
  await updateRouting(paths, {profile, tree, twinTree: store.twinTree(record.twins), statusTime: time, coming})
}

/**
 * The programs of packages that will come are native from their first moment, by their sums, until their routes are found:
 * their own scripts run some of them at once.
 */
export async function foreseeRoutes(store: Store, record: EmulatedRecord, coming: readonly ComingPackage[]): Promise<ComingRoute[]> {
  const profile = await readEmulatedProfile(record.profile, record.suite)
  const twinTree = store.twinTree(record.twins)
  const paths = store.environment(record.name)
  const root = new Tree([paths.upper, ...store.lowerLayers(record)], 'within')
  const target = targetFacts(profile)
  const unfit = readUnfitIn(root, twinTree, target)
  const search = {twins: await readPackages(twinTree), rules: await readTwinRules(profile), target, unfit}
  const routes = findComingRoutes(coming, search)
  const found = await readRouting(paths)
  if (found) await writeTables(paths, profile, {routes: withComing(found.routes, routes), preloads: found.preloads})
  return routes
}

/** The packages that no twin set of the environment has, though the profile's rules would route their programs. */
export const withoutTwins = (routing: Routing | undefined) => [
  ...new Set(routing?.missing.flatMap(missing => (missing.reason === 'no-twin' ? [missing.package] : []))),
]

/** Packages that are going to be installed. */
export interface Coming {
  names: readonly string[]
  /** Those of them whose programs are stubs. */
  stubs: readonly string[]
  /** Those of them that have compiled modules of perl or python. */
  withModules: readonly string[]
}

export interface FetchEvents {
  onFetch?: (packages: readonly string[]) => void
  onLine?: (line: string) => void
}

/** Fetches the twins that an environment lacks; from its next session on, they are used. */
export async function fetchTwins(
  store: Store,
  record: EmulatedRecord,
  tree: string,
  time: number,
  events: FetchEvents & {signal: AbortSignal},
): Promise<EmulatedRecord> {
  const profile = await readEmulatedProfile(record.profile, record.suite)
  const wanted = await wantedTwins(tree, profile)
  const set = planTwinSet(store.twins, profile, record.mirror, wanted, record.generation)
  if (set.key === record.twins) return record
  return whileMaking(store, events.signal, async () => {
    if (!isThere(set.directory)) {
      events.onFetch?.(wanted)
      await makeTwinSet(set, profile, {
        mirror: record.mirror,
        signal: events.signal,
        // Nothing that an archive brought becomes part of what other environments are made of.
        ...(isImported(record.twins) ? {} : {base: dirname(store.twinTree(record.twins))}),
        ...(events.onLine ? {onLine: events.onLine} : {}),
      })
    }
    return takeTwins(store, record, profile, set, {tree, time})
  })
}

/**
 * Gives an environment twins of the archive as it is now, before its packages become those: they are native from their first moment.
 * `generation` tells the archive from what it was.
 */
export async function renewTwins(
  store: Store,
  record: EmulatedRecord,
  at: {tree: string; time: number},
  generation: string,
  events: Pick<FetchEvents, 'onLine'> & {signal: AbortSignal},
): Promise<EmulatedRecord> {
  const profile = await readEmulatedProfile(record.profile, record.suite)
  const set = planTwinSet(store.twins, profile, record.mirror, await wantedTwins(at.tree, profile), generation)
  return whileMaking(store, events.signal, async () => {
    await makeTwinSet(set, profile, {mirror: record.mirror, ...events})
    return takeTwins(store, {...record, generation}, profile, set, at)
  })
}

/** From now on an environment has these twins, and their routes. */
async function takeTwins(
  store: Store,
  record: EmulatedRecord,
  profile: EmulatedProfile,
  set: TwinSet,
  {tree, time}: {tree: string; time: number},
): Promise<EmulatedRecord> {
  const paths = store.environment(record.name)
  const updated = {...record, twins: set.key}
  await updateRouting(paths, {profile, tree, twinTree: set.tree, statusTime: time})
  await writeRecord(paths.record, updated)
  return updated
}

/**
 * Gives an environment the twins of what it has and of packages that will come. A twin set that is there and has them all does
 * as well as one of its own; else one is made that also has what the largest has, so that whoever builds one package after
 * another soon needs none.
 */
export async function fetchTwinsAhead(
  store: Store,
  record: EmulatedRecord,
  at: {tree: string; time: number},
  coming: Coming,
  events: FetchEvents & {signal: AbortSignal},
): Promise<EmulatedRecord> {
  const profile = await readEmulatedProfile(record.profile, record.suite)
  const rules = await readTwinRules(profile)
  const programs = coming.names.flatMap(name => (Object.hasOwn(rules.packages, name) ? (rules.packages[name] ?? []) : []))
  const stubs = coming.stubs.filter(name => !Object.hasOwn(rules.packages, name))
  const wanted = [...(await wantedTwins(at.tree, profile)), ...programs, ...stubs, ...coming.withModules]
  const needed = planTwinSet(store.twins, profile, record.mirror, wanted, record.generation)
  const known = await knownTwinSets(store.twins, profile, record.mirror, record.generation)
  const fitting = known.filter(({packages}) => needed.packages.every(name => packages.includes(name)))
  const set = fitting.find(({key}) => key === record.twins) ?? fitting.at(-1) ?? (await makeLarger(known[0], needed))
  return set.key === record.twins ? record : takeTwins(store, record, profile, set, at)

  async function makeLarger(largest: TwinSet | undefined, set: TwinSet): Promise<TwinSet> {
    if (!largest) return make(set, undefined)
    events.onFetch?.(set.packages.filter(name => !largest.packages.includes(name)))
    const both = planTwinSet(store.twins, profile, record.mirror, [...set.packages, ...largest.packages], record.generation)
    return make(both, largest).catch(error => {
      events.signal.throwIfAborted()
      if (largest.packages.every(name => set.packages.includes(name))) throw error
      return make(set, undefined) // two packages of which only one can be had
    })
  }

  async function make(set: TwinSet, base: TwinSet | undefined): Promise<TwinSet> {
    const {onLine, signal} = events
    const options = {...(base ? {base: base.directory} : {}), ...(onLine ? {onLine} : {}), signal}
    await makeTwinSet(set, profile, {mirror: record.mirror, ...options})
    return set
  }
}
