import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {readEmulatedProfile, readTwinRules} from '../config/profiles.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import type {Mode} from '../core/session/mode.js'
import {isThere} from '../host/files.js'
import {bootstrapPlaces} from '../root/root.js'
import {FIRST_TWINS} from '../twins/fill.js'
import {loadersOf} from '../twins/loaders.js'
import {fillLoaders} from '../twins/make-loaders.js'
import {readExtracted, readPackages} from '../twins/packages.js'
import {findPreludes, writePreludes} from '../twins/preludes.js'
import {findRoutes} from '../twins/routes.js'
import {routeTable, targetFacts, writeTable} from '../twins/table.js'
import {readUnfit} from '../twins/unfit.js'

/** A twin set that is being made side by side with the root shows when it has what that needs. */
const LOOK_EVERY_MS = 50

export interface BootstrapRoutes {
  mode: Mode
  profile: string
  suite: string
  /** The twin set's directory, by a name that lasts. */
  twinSet: string
  /** The directory of what is written, see bootstrapPlaces. */
  places: string
  /** The root in the making. */
  tree: string
}

/**
 * Called by mmdebstrap's hook: the programs of a root in the making run as their twins from now on, those that the twin
 * set has first. What can be read before they are there is. The session holds the twin set's directory.
 * Returns the packages whose programs are native.
 */
export async function writeBootstrapRoutes(input: BootstrapRoutes): Promise<string[]> {
  const {twinSet, tree} = input
  const places = bootstrapPlaces(input.places)
  const profile = await readEmulatedProfile(input.profile, input.suite)
  const rules = await readTwinRules(profile)
  const packages = await readExtracted(tree, name => name in rules.packages)
  while (!isThere(join(twinSet, FIRST_TWINS))) await setTimeout(LOOK_EVERY_MS)
  const twinTree = join(twinSet, 'tree')
  const twins = await readPackages(twinTree)
  const unfit = readUnfit(twinTree, profile.target.uname)
  const target = targetFacts(profile)
  // The same files as in the twin's package, if they are of one version; sums are of no use, all was unpacked only just now.
  const root = {tree, packages, files: twins.files, sums: async () => new Map<string, string>(), stamp: async () => ''}
  const {routes} = input.mode === 'hybrid' ? await findRoutes({root, twins, rules, target, unfit, state: 'making'}) : {routes: []}
  // A python is emulated while packages come: dpkg's database never has this time.
  await writePreludes(places.preludes, await findPreludes({root, twins, target, unfit}), 0)
  const host = hostArchitecture()
  const libraries = join(twinTree, 'usr/lib', host.triple)
  await fillLoaders(places.loaders, libraries, loadersOf(libraries, host))
  const table = routeTable(profile, rules, {routes: routes.map(route => ({...route, twin: join('tree', route.twin)})), preloads: []})
  await writeTable(places.routes, {...table, interpreter: join('tree', table.interpreter)})
  return [...new Set(routes.map(route => route.package))].sort()
}
