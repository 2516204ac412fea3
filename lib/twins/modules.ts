import type {InstalledPackage} from '../core/debian/packages.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {matchPackages, type NoRoute, type TargetFacts} from '../core/twins/route.js'
import {Tree} from '../host/beneath.js'
import type {PackageIndex} from './packages.js'

/**
 * The compiled modules of an interpreter: each needs a twin, which a host-native interpreter loads in its place. Those of
 * the interpreter's own packages come with its twin.
 */
export interface ModuleKind {
  /** The directories of a root in which they lie, absolute. */
  directories: (root: PackageIndex, target: TargetFacts) => Promise<string[]>
  isModule: (name: string) => boolean
  /** Where one has no twin: whether all that the interpreter runs is emulated, or only the program that loads it. */
  lackMakesEmulated: 'all' | 'its-program'
  /** Where a module's twin lies in the twin set, absolute. */
  twinPath: (path: string, target: TargetFacts) => string
}

export interface Modules {
  /** Files of the root that have twins, absolute. */
  modules: string[]
  /** Files of the root that have none: whatever package they are of, if any. */
  untwinned: string[]
  /** Directories that may hold such files: seconds since 1970, -1 where there is none. What changed since is not known. */
  directories: [path: string, mtime: number][]
  missing: NoRoute[]
}

export interface ModuleSearch {
  root: PackageIndex
  twins: PackageIndex
  target: TargetFacts
  /** Modules of the twin set that are no twins, see RouteSearch. */
  unfit: ReadonlyMap<string, string>
}

/** Those of several kinds as one. What a single program lacks, nobody else has to know. */
export async function findAllModules(kinds: readonly ModuleKind[], search: ModuleSearch): Promise<Modules> {
  const found = await Promise.all(kinds.map(kind => findModules(kind, search)))
  const ofAll = found.filter((_, i) => kinds[i]?.lackMakesEmulated === 'all')
  return {
    modules: found.flatMap(({modules}) => modules),
    untwinned: ofAll.flatMap(({untwinned}) => untwinned),
    directories: ofAll.flatMap(({directories}) => directories),
    missing: found.flatMap(({missing}) => missing),
  }
}

/** The modules of a root that a host-native interpreter can load its own of, and those that it cannot. */
export async function findModules(kind: ModuleKind, {root, twins, target, unfit}: ModuleSearch): Promise<Modules> {
  const {files, directories} = await listModules(kind, root, target)
  const owners = await ownersOf(root, files)
  const twinTree = new Tree([twins.tree], 'within')
  const found: Modules = {modules: [], untwinned: [], directories, missing: []}
  const missing = new Map<string, NoRoute>()
  for (const path of files) {
    const pack = owners.get(path)
    const why = pack && whyUntwinned(pack, twins.packages.get(pack.name), target)
    const twin = kind.twinPath(path, target)
    const there = twinTree.status(twin).kind === 'found' && !unfit.has(twin)
    if (pack && why === undefined && there) found.modules.push(path)
    else found.untwinned.push(path)
    if (why) missing.set(why.package, why)
  }
  return {...found, missing: [...missing.values()]}
}

/** The packages of a root that have such modules. */
export async function modulePackages(kind: ModuleKind, root: PackageIndex, target: TargetFacts): Promise<string[]> {
  const {files} = await listModules(kind, root, target)
  return [...new Set([...(await ownersOf(root, files)).values()].map(pack => pack.name))]
}

interface ModuleFiles {
  files: string[]
  directories: [string, number][]
}

async function listModules(kind: ModuleKind, root: PackageIndex, target: TargetFacts): Promise<ModuleFiles> {
  const found: ModuleFiles = {files: [], directories: []}
  const tree = new Tree([root.tree], 'within')
  for (const directory of await kind.directories(root, target)) listInto(found, kind, tree, directory, DEPTH)
  return found
}

/** Directories below each other: ten times those of any module. */
const DEPTH = 50

function listInto(found: ModuleFiles, kind: ModuleKind, tree: Tree, directory: string, depth: number): void {
  const status = tree.status(directory)
  const entries = tree.list(directory)
  const isThere = status.kind === 'found' && entries.kind === 'found'
  found.directories.push([directory, isThere ? Math.floor(status.value.mtimeMs / 1000) : -1])
  for (const entry of isThere ? entries.value : []) {
    const path = `${directory}/${entry.name}`
    if (kind.isModule(entry.name)) found.files.push(path)
    if (entry.isDirectory() && depth > 0) listInto(found, kind, tree, path, depth - 1)
  }
}

/** Which package of the root each file is of; a file of none is not in it. */
async function ownersOf(root: PackageIndex, files: readonly string[]): Promise<Map<string, InstalledPackage>> {
  const owners = new Map<string, InstalledPackage>()
  if (files.length === 0) return owners
  const wanted = new Set(files)
  for (const pack of root.packages.values()) {
    for (const path of await root.files(pack)) if (wanted.has(path)) owners.set(path, pack)
  }
  return owners
}

function whyUntwinned(pack: InstalledPackage, twin: InstalledPackage | undefined, target: TargetFacts): NoRoute | undefined {
  if (!twin) return {reason: 'no-twin', package: pack.name}
  if (matchPackages(pack, twin, target) === 'exact') return undefined
  return {reason: 'other-version', package: pack.name, version: pack.version, twinVersion: twin.version}
}

/** Where a library of the target's is in the twin set, by the name of its directory. */
export const inTwinLibraries = (path: string, {triple}: TargetFacts) => path.replaceAll(triple, hostArchitecture().triple)

/** The same of one whose directory does not name an architecture: those are moved among the libraries. */
export const movedToTwinLibraries = (path: string, target: TargetFacts) =>
  inTwinLibraries(path, target).replace('/usr/lib', `/usr/lib/${hostArchitecture().triple}`)
