import {join} from 'node:path'
import {hostArchitecture} from '../core/hosts/hosts.js'
import type {TargetFacts} from '../core/twins/route.js'
import {lackingModules} from '../core/twins/run-time-modules.js'
import {shownDirectory} from '../core/twins/scan.js'
import type {Tree} from '../host/beneath.js'
import {isThere} from '../host/files.js'
import {readUnnamed} from './machine-name.js'
import {readAsking, readScanned} from './scan.js'

/** Why programs and modules are no twins, by their paths in the twin set. */
export type UnfitTwins = ReadonlyMap<string, string>

/** Those of a twin set for any root. `machine`: the target's, in uname(2). */
export const readUnfit = (tree: string, machine: string): UnfitTwins => new Map([...readScanned(tree), ...readUnnamed(tree, machine)])

/** Those for one root, in which links are followed: they may load modules, too, that only the root has. */
export function readUnfitIn(root: Tree, tree: string, target: Pick<TargetFacts, 'triple' | 'uname'>): UnfitTwins {
  const unfit = readUnfit(tree, target.uname)
  const libraries = shownDirectory(hostArchitecture().triple)
  const hasTwin = (path: string) => isThere(join(tree, libraries, path)) && !unfit.has(join(libraries, path))
  const lacking = lackingModules(
    [`/usr/lib/${target.triple}`, '/usr/lib', '/usr/local/lib'],
    directory => namesIn(root, directory),
    hasTwin,
  )
  if (lacking.size === 0) return unfit
  const found = [...readAsking(tree)].flatMap(([path, families]) => {
    const module = [...families].flatMap(family => lacking.get(family) ?? [])[0]
    return module === undefined ? [] : [[path, `may load ${module}, which has no twin`] as const]
  })
  return new Map([...found, ...unfit])
}

/** Names in a directory; of links, those that lead to something. */
function namesIn(root: Tree, directory: string): string[] {
  const entries = root.list(directory)
  const leadsOn = (path: string) => root.status(path).kind === 'found'
  return entries.kind === 'found'
    ? entries.value.filter(entry => !entry.isSymbolicLink() || leadsOn(join(directory, entry.name))).map(({name}) => name)
    : []
}
