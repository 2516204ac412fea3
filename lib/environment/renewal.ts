import {readEmulatedProfile} from '../config/profiles.js'
import type {NoRoute, Route} from '../core/twins/route.js'
import {programContent, rootTree} from '../twins/program.js'
import {isOutdated, type Layers} from './outdated.js'
import type {EmulatedRecord} from './record.js'
import {type Routing, readRouting, writeRouting, writeTables} from './routing.js'
import type {RoutingPaths} from './routing-paths.js'

/**
 * Looks again at files that have another ctime or inode than when their routes were found, in the layers of an
 * environment, topmost first. Whoever copies the data home, imports an environment, restores a backup or makes hard links
 * changes these of all files, and a session that sets a program's mode those of one. The content decides: the same bytes
 * are the same program, and its route counts again; what has other bytes is emulated from now on.
 */
export async function renewRoutes(paths: RoutingPaths, record: EmulatedRecord, layers: Layers): Promise<void> {
  const profile = await readEmulatedProfile(record.profile, record.suite)
  const routing = await readRouting(paths)
  if (!routing) return writeTables(paths, profile, {routes: [], preloads: []}) // the next lasting session finds them
  const renewed = await lookedAgain(routing, layers)
  await writeTables(paths, profile, renewed)
  await writeRouting(paths, renewed)
}

async function lookedAgain(routing: Routing, layers: Layers): Promise<Routing> {
  const looked = await Promise.all(routing.routes.map(route => (isOutdated(route, layers) ? lookAgain(route, layers) : route)))
  const changed = routing.routes.filter((_, i) => looked[i] === undefined)
  const missing = changed.map(({path, package: name}): NoRoute => ({reason: 'changed', package: name, path}))
  return {...routing, routes: looked.filter(route => route !== undefined), missing: [...routing.missing, ...missing]}
}

async function lookAgain(route: Route, layers: Layers): Promise<Route | undefined> {
  for (const tree of layers.treesWith(route.path)) {
    const content = await programContent(rootTree(tree), route.path)
    if (content) return content.sum === route.sum ? {...route, file: content.file} : undefined
  }
  return undefined
}
