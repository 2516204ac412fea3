import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {type EmulatedProfile, emulatorPath, readTwinRules} from '../config/profiles.js'
import {contentKey} from '../core/key.js'
import type {ComingRoute, NoRoute, Route, RouteTable} from '../core/twins/route.js'
import {areStamps, areTexts, isNoRoute, isRoute} from '../core/twins/route-check.js'
import {Tree} from '../host/beneath.js'
import {isThere, makeDirectory, readFileIfThere, writeFileSafely} from '../host/files.js'
import {makeOnce} from '../host/store.js'
import {withComing} from '../twins/coming-routes.js'
import {readPackages, STATUS} from '../twins/packages.js'
import {findPreludes, interpreterPackages, writePreludes} from '../twins/preludes.js'
import {readStub, rootTree} from '../twins/program.js'
import {findRoutes, type PackageRoutes} from '../twins/routes.js'
import {routeTable, targetFacts, writeTable} from '../twins/table.js'
import {readUnfitIn} from '../twins/unfit.js'
import {whileEntriesStay} from './entries.js'
import {type RoutingPaths, routingPaths} from './routing-paths.js'
import {ROUTING_FORMAT} from './routing-version.js'
import type {Store} from './store.js'

/** What an environment's routes are, kept beside them. */
export interface Routing {
  format: number
  /** Of dpkg's status file, when the routes were found, in ms since 1970: another time means other packages. */
  statusTime: number
  routes: Route[]
  /** Libraries that LD_PRELOAD may name. */
  preloads: string[]
  missing: NoRoute[]
  /** What they were found with: other twins or rules may give others. */
  basis: string
  /** Which installation of each package they are of. */
  stamps: Record<string, string>
}

/** undefined where there is none that this version can use. */
export async function readRouting(paths: RoutingPaths): Promise<Routing | undefined> {
  const text = (await readFileIfThere(paths.routing)) ?? ''
  try {
    const routing = JSON.parse(text) as unknown
    return isRouting(routing) ? routing : undefined
  } catch {
    return undefined // none, or cut short: they are found again
  }
}

function isRouting(value: unknown): value is Routing {
  const {format, statusTime, routes, preloads, missing, basis, stamps} = Object(value) as Record<keyof Routing, unknown>
  if (format !== ROUTING_FORMAT || typeof statusTime !== 'number' || typeof basis !== 'string') return false
  if (!areStamps(stamps) || !areTexts(preloads)) return false
  return Array.isArray(routes) && routes.every(isRoute) && Array.isArray(missing) && missing.every(isNoRoute)
}

/** A tree to find routes in, and the twin set to find them for. */
export interface RoutingInput {
  profile: EmulatedProfile
  tree: string
  twinTree: string
  statusTime: number
  /** Programs of packages that are being installed, where they are not found yet. */
  coming?: readonly ComingRoute[]
}

/** Finds the routes of a tree, and writes its tables. A tree that goes away meanwhile, with its session, changes nothing. */
export async function updateRouting(paths: RoutingPaths, input: RoutingInput): Promise<Routing | undefined> {
  const {profile, tree} = input
  const rules = await readTwinRules(profile)
  const before = await readRouting(paths)
  const [root, twins] = await Promise.all([readPackages(tree), readPackages(input.twinTree)])
  const target = targetFacts(profile)
  const unfit = readUnfitIn(new Tree([tree], 'within'), input.twinTree, target)
  const stub = readStub(rootTree(tree))
  const basis = contentKey({rules, target, twins: input.twinTree, unfit: [...unfit]})
  const same = before?.basis === basis && stub === undefined ? byPackage(before) : undefined
  const known = new Map(before?.routes.map(route => [route.path, route]))
  const found = await findRoutes({root, twins, rules, target, unfit, state: 'finished', stub, known, ...(same ? {before: same} : {})})
  const preludes = await findPreludes({root, twins, target, unfit})
  if (!isThere(tree)) return undefined
  const missing = unique([...found.missing, ...preludes.missing])
  const {routes, preloads, stamps} = found
  const routing = {format: ROUTING_FORMAT, statusTime: input.statusTime, routes, preloads, missing, basis, stamps}
  await writePreludes(paths.preludes, preludes, input.statusTime)
  // A module that has come meanwhile may have made some of them unfit.
  const coming = (input.coming ?? []).filter(({twin}) => !unfit.has(`/${twin}`))
  await writeTables(paths, profile, {routes: withComing(routes, coming), preloads})
  await writeRouting(paths, routing)
  return routing
}

export const writeRouting = (paths: RoutingPaths, routing: Routing) => writeFileSafely(paths.routing, `${JSON.stringify(routing)}\n`)

/** Writes what the activator goes by in both modes; the user's entries stay. What has no build cannot be emulated in either. */
export async function writeTables(
  paths: RoutingPaths,
  profile: EmulatedProfile,
  found: Pick<RouteTable, 'routes' | 'preloads'>,
): Promise<void> {
  const rules = await readTwinRules(profile)
  const own = {elf: profile.target.elf, emulator: emulatorPath(profile)}
  await whileEntriesStay(paths, own, async entries => {
    await writeTable(paths.hybridRoutes, routeTable(profile, rules, found), entries)
    await writeTable(
      paths.emulatedRoutes,
      routeTable(profile, rules, {...found, routes: found.routes.filter(({kind}) => kind === 'stub')}),
      entries,
    )
  })
}

/** Writes a table by which what is routed runs native, and nothing else at all: no emulator, and none of the user's entries. */
export async function writeFarmTable(
  paths: RoutingPaths,
  profile: EmulatedProfile,
  found: Pick<RouteTable, 'routes' | 'preloads'>,
): Promise<void> {
  await makeDirectory(paths.farmRoutes)
  await writeTable(paths.farmRoutes, {...routeTable(profile, await readTwinRules(profile), found), interpreter: ''})
}

/** A package may be missed for its programs and for its modules. */
const unique = (missing: readonly NoRoute[]) => [...new Map(missing.map(one => [JSON.stringify(one), one])).values()]

function byPackage({routes, missing, stamps}: Routing): ReadonlyMap<string, PackageRoutes> {
  const found = new Map(Object.entries(stamps).map(([name, stamp]) => [name, {stamp, routes: [] as Route[], missing: [] as NoRoute[]}]))
  for (const route of routes) found.get(route.package)?.routes.push(route)
  for (const one of missing) found.get(one.package)?.missing.push(one)
  return found
}

/** Of what routes are found once. */
export interface RoutingParts {
  /** Keys of a root and a twin set. */
  root: string
  twins: string
  profile: EmulatedProfile
}

/** Of the routes of a root with a twin set. */
export async function routingKey({root, twins, profile}: RoutingParts): Promise<string> {
  const emulator = profile.target.qemu.arguments
  return contentKey({format: ROUTING_FORMAT, root, twins, rules: await readTwinRules(profile), emulator})
}

/** The routes of a root with a twin set, found once for all environments that are made of them. */
export async function baseRouting(store: Store, input: RoutingParts): Promise<RoutingPaths> {
  const {root, twins, profile} = input
  const tree = store.rootTree(root)
  const key = await routingKey(input)
  await makeOnce(store.routing, key, async directory => {
    const {mtimeMs} = await stat(join(tree, STATUS))
    await updateRouting(routingPaths(directory), {profile, tree, twinTree: store.twinTree(twins), statusTime: mtimeMs})
  })
  return routingPaths(join(store.routing, key))
}

/** The packages that a twin set must have for all of a tree's programs and modules that could have twins. */
export async function wantedTwins(tree: string, profile: EmulatedProfile): Promise<string[]> {
  const [rules, index] = await Promise.all([readTwinRules(profile), readPackages(tree)])
  const programs = [...index.packages.values()].flatMap(({name, stub}) => rules.packages[name] ?? (stub ? name : []))
  return [...programs, ...(await interpreterPackages(index, targetFacts(profile)))]
}
