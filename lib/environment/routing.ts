import {readFileIfThere, writeFileSafely} from '../host/files.js'
import {type Profile, readTwinRules} from '../config/profiles.js'
import {type NoRoute, type Route} from '../core/route.js'
import {readPackages} from '../twins/packages.js'
import {findRoutes} from '../twins/routes.js'
import {routeTable, targetFacts, writeTable} from '../twins/table.js'
import type {EnvironmentPaths} from './store.js'

/** What an environment's routes are, kept beside them. */
export interface Routing {
  /** Of dpkg's status file, when the routes were found: another time means other packages. */
  statusTime: number
  routes: Route[]
  missing: NoRoute[]
}

export async function readRouting(paths: EnvironmentPaths): Promise<Routing | undefined> {
  const text = await readFileIfThere(paths.routing)
  return text === undefined ? undefined : (JSON.parse(text) as Routing)
}

/** Finds the routes of a tree, and writes the tables of an environment. */
export async function updateRouting(paths: EnvironmentPaths, profile: Profile, tree: string, twinTree: string, statusTime: number): Promise<Routing> {
  const rules = await readTwinRules(profile)
  const before = await readRouting(paths)
  const [root, twins] = await Promise.all([readPackages(tree), readPackages(twinTree)])
  const known = new Map(before?.routes.map(route => [route.path, route]))
  const found = await findRoutes({root, twins, rules, target: targetFacts(profile), known})
  const routing = {statusTime, ...found}
  await writeTable(paths.hybridRoutes, routeTable(profile, rules, found.routes))
  await writeTable(paths.emulatedRoutes, routeTable(profile, rules, []))
  await writeFileSafely(paths.routing, `${JSON.stringify(routing)}\n`)
  return routing
}

/** The packages that a twin set must have for all of a tree's programs that could have twins. */
export async function wantedTwins(tree: string, profile: Profile): Promise<string[]> {
  const [rules, index] = await Promise.all([readTwinRules(profile), readPackages(tree)])
  return [...index.packages.keys()].flatMap(name => rules.packages[name] ?? [])
}
