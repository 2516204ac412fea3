import {readProfile, readTwinRules} from '../config/profiles.js'
import {readExtracted, readPackages} from '../twins/packages.js'
import {findRoutes} from '../twins/routes.js'
import {routeTable, targetFacts, writeTable} from '../twins/table.js'

/** Called by mmdebstrap's hook: the programs of a root in the making run as their twins from now on. */
export async function writeBootstrapRoutes(profileName: string, suite: string, twinTree: string, directory: string, tree: string): Promise<void> {
  const profile = await readProfile(profileName, suite)
  const [rules, root, twins] = await Promise.all([readTwinRules(profile), readExtracted(tree), readPackages(twinTree)])
  const {routes} = await findRoutes({root, twins, rules, target: targetFacts(profile)})
  await writeTable(directory, routeTable(profile, rules, routes))
}
