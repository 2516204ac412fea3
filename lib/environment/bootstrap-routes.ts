import {basename, join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {readProfile, readTwinRules} from '../config/profiles.js'
import {hostArchitecture} from '../core/host.js'
import type {Mode} from '../core/mode.js'
import {isThere} from '../host/files.js'
import {bootstrapPlaces} from '../root/root.js'
import {fillLoaders} from '../twins/loaders.js'
import {readExtracted, readPackages} from '../twins/packages.js'
import {findPreludes, writePreludes} from '../twins/preludes.js'
import {findRoutes} from '../twins/routes.js'
import {routeTable, targetFacts, writeTable} from '../twins/table.js'

/** A twin set that is being made side by side with the root shows when it is complete, by a rename. */
const LOOK_EVERY_MS = 50

export interface BootstrapRoutes {
  mode: Mode
  profile: string
  suite: string
  twinSet: string
  /** The directory of what is written, see bootstrapPlaces. */
  places: string
  /** The root in the making. */
  tree: string
}

/**
 * Called by mmdebstrap's hook: the programs of a root in the making run as their twins from now on. The session holds
 * the directory of all twin sets, since this one may not have been there when it began.
 */
export async function writeBootstrapRoutes(input: BootstrapRoutes): Promise<void> {
  const {twinSet, tree} = input
  const places = bootstrapPlaces(input.places)
  while (!isThere(twinSet)) await setTimeout(LOOK_EVERY_MS)
  const profile = await readProfile(input.profile, input.suite)
  const within = join(basename(twinSet), 'tree')
  const [rules, root, twins] = await Promise.all([readTwinRules(profile), readExtracted(tree), readPackages(join(twinSet, 'tree'))])
  const target = targetFacts(profile)
  const {routes} = input.mode === 'hybrid' ? await findRoutes({root, twins, rules, target}) : {routes: []}
  // A python is emulated while packages come: dpkg's database never has this time.
  await writePreludes(places.preludes, target, await findPreludes({root, twins, target}), 0)
  const table = routeTable(profile, rules, {routes: routes.map(route => ({...route, twin: join(within, route.twin)})), preloads: []})
  const host = hostArchitecture()
  await fillLoaders(places.loaders, join(twinSet, 'tree/usr/lib', host.triple), host)
  await writeTable(places.routes, {...table, interpreter: join(within, table.interpreter)})
}
