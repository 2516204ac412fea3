import {basename, join} from 'node:path'
import type {InstalledPackage} from '../core/debian/packages.js'
import {type FileIdentity, isSameFile} from '../core/file-identity.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {
  isData,
  isNeverRouted,
  looksLikeHost,
  matchPackages,
  type NoRoute,
  pathPattern,
  type Route,
  type RouteRule,
  ruleFor,
  type TargetFacts,
  type TwinRules,
  twinPaths,
} from '../core/twins/route.js'
import {isRunTimeModule} from '../core/twins/run-time-modules.js'
import type {Tree} from '../host/beneath.js'
import {isThere} from '../host/files.js'
import type {PackageIndex} from './packages.js'
import {isStub, programContent, programFacts, programIdentity, rootTree, type Stub, twinTree} from './program.js'

export interface RouteSearch {
  /** The root, as it is seen from here. */
  root: PackageIndex
  /** The twin set. */
  twins: PackageIndex
  rules: TwinRules
  target: TargetFacts
  /** `making`: dpkg unpacks its files again, so that only their sizes and the packages' own times last. */
  state: 'finished' | 'making'
  /** Programs of the twin set that are no twins, and why: by their paths in it. */
  unfit: ReadonlyMap<string, string>
  /** In a root of a CPU without an archive: a program of this size and time has no build for the target. */
  stub?: Stub | undefined
  /** What was found before, by package, with the same twins and rules: holds while a package's stamp is the same. */
  before?: ReadonlyMap<string, PackageRoutes>
  /** Routes that were found before, by path, with whatever twins: of a file that is still the same, the sum is known. */
  known?: ReadonlyMap<string, Route>
}

export interface FoundRoutes {
  routes: Route[]
  preloads: string[]
  missing: NoRoute[]
  /** Of each package that was looked at. */
  stamps: Record<string, string>
}

interface Search extends RouteSearch {
  rootTree: Tree
  twinTree: Tree
}

/** What was found of one package. */
export interface PackageRoutes {
  /** Which installation of it that was, see PackageIndex. */
  stamp: string
  routes: Route[]
  missing: NoRoute[]
}

/** Finds the routes of all packages of a root that may have twins. */
export async function findRoutes(options: RouteSearch): Promise<FoundRoutes> {
  const search = {...options, rootTree: rootTree(options.root.tree), twinTree: twinTree(options.twins.tree)}
  const found: FoundRoutes = {routes: [], preloads: [], missing: [], stamps: {}}
  const candidates = [...search.root.packages.values()].filter(pack => pack.name in search.rules.packages || search.stub !== undefined)
  const rules = new RuleCache()
  for (const pack of candidates) {
    const stamp = await search.root.stamp(pack)
    const before = search.before?.get(pack.name)
    const {routes, missing} =
      before?.stamp === stamp && before.routes.every(route => isCurrent(route, search)) ? before : await findPackageRoutes(pack, search)
    found.routes.push(...routes.map(route => ({...route, rule: rules.shared(route.rule)})))
    found.missing.push(...missing)
    found.preloads.push(...(await preloadsOf(pack, search)))
    found.stamps[pack.name] = stamp
  }
  return found
}

/** A file may have been changed without its package: chmod is enough, of a file that lay in a lower layer. */
function isCurrent({path, file}: Route, search: Search): boolean {
  const now = programIdentity(search.rootTree, path)
  return now !== undefined && isSameFile(file, now)
}

async function findPackageRoutes(pack: InstalledPackage, search: Search): Promise<Omit<PackageRoutes, 'stamp'>> {
  const files = await search.root.files(pack)
  const match = findTwinPackage(pack, search)
  if (match.kind === 'none') {
    const isMissed =
      (pack.stub === true || pack.name in search.rules.packages) &&
      (pack.name in search.rules.preloads || files.some(isRunTimeModule) || hasPrograms(search.rootTree, files))
    return {routes: [], missing: isMissed ? [match.why] : []}
  }
  const sums = await search.root.sums(pack)
  const programs = files.filter(path => !isData(path))
  const results = await Promise.all(programs.map(path => findRoute(path, pack, match.match, sums.get(path), search)))
  return {
    routes: results.flatMap(result => (result?.kind === 'route' ? [result.route] : [])),
    missing: results.flatMap(result => (result?.kind === 'none' ? [result.why] : [])),
  }
}

/** Equal rules are one value, so that the table holds each once. */
class RuleCache {
  readonly #rules = new Map<string, RouteRule>()

  shared(rule: RouteRule | undefined): RouteRule | undefined {
    if (!rule) return undefined
    const key = JSON.stringify(rule)
    const known = this.#rules.get(key)
    if (!known) this.#rules.set(key, rule)
    return known ?? rule
  }
}

export function findRule(path: string, isStub: boolean, {rules, target}: Pick<RouteSearch, 'rules' | 'target'>): RouteRule | undefined {
  const found = ruleFor(path, rules.rules, target)
  return found && isStub ? unconditional(found) : found
}

/** Where there is nothing to be emulated, the twin has to do. */
const unconditional = (rule: RouteRule): RouteRule => ({
  ...rule,
  emulate: [],
  emulateLeading: [],
  emulateVariables: [],
  requireVariables: [],
})

type TwinPackage = {kind: 'found'; match: 'exact' | 'skewed'} | {kind: 'none'; why: NoRoute}

export function findTwinPackage(pack: InstalledPackage, search: Pick<RouteSearch, 'twins' | 'rules' | 'target'>): TwinPackage {
  const twin = search.twins.packages.get(search.rules.packages[pack.name] ?? pack.name)
  if (!twin) return {kind: 'none', why: {reason: 'no-twin', package: pack.name}}
  const match = matchPackages(pack, twin, search.target)
  if (match !== 'different') return {kind: 'found', match}
  return {kind: 'none', why: {reason: 'other-version', package: pack.name, version: pack.version, twinVersion: twin.version}}
}

/** The libraries of a package, of which the twin set has the same, that programs name in LD_PRELOAD. */
async function preloadsOf(pack: InstalledPackage, search: RouteSearch): Promise<string[]> {
  const {rules, target, twins, root} = search
  // Where all programs that preload it are stubs, all of them are the host's.
  const isLikeHost = looksLikeHost(target) || pack.stub === true
  const pattern = rules.preloads[pack.name] ?? (isLikeHost ? rules.preloadsLikeHost[pack.name] : undefined)
  if (pattern === undefined || findTwinPackage(pack, search).kind === 'none') return []
  const {triple} = hostArchitecture()
  return (await root.files(pack))
    .filter(path => pathPattern(pattern, target.triple).test(path) && isThere(join(twins.tree, 'usr/lib', triple, basename(path))))
    .map(path => basename(path))
}

type RouteResult = {kind: 'route'; route: Route} | {kind: 'none'; why: NoRoute} | undefined

async function findRoute(
  path: string,
  pack: InstalledPackage,
  match: 'exact' | 'skewed',
  sum: string | undefined,
  search: Search,
): Promise<RouteResult> {
  const mayBeRouted = pack.name in search.rules.packages && !isNeverRouted(path, search.rules, search.target)
  if (!mayBeRouted && search.stub === undefined) return undefined
  const twin = firstProgram(search.twinTree, twinPaths(path, search.target.triple, hostArchitecture().debian))
  if (twin === undefined) return undefined
  const facts = programFacts(search.rootTree, path)
  if (!facts || facts.machine === hostArchitecture().machine) return undefined
  const noBuild = isStub(facts, search.stub)
  if (!noBuild && !mayBeRouted) return undefined
  const why = search.unfit.get(`/${twin.path}`)
  if (why !== undefined && !noBuild) return noRoute({reason: 'unfit', package: pack.name, path, why}) // where there is nothing to be emulated, it does what it can
  const found =
    noBuild || search.state === 'making'
      ? {file: {...facts.file, fixed: undefined}, sum: undefined}
      : (knownContent(search.known?.get(path), facts.file) ?? (await programContent(search.rootTree, path)))
  const isOther = !noBuild && sum !== undefined && found?.sum !== sum // a stub is known by its size and time
  if (found === undefined || isOther) return noRoute({reason: 'changed', package: pack.name, path})
  return {
    kind: 'route',
    route: {
      path,
      twin: twin.path,
      twinSize: twin.size,
      file: found.file,
      sum: found.sum,
      rule: findRule(path, noBuild, search),
      package: pack.name,
      match,
      kind: noBuild ? 'stub' : 'program',
    },
  }
}

/** undefined where the file has been changed since, or its bytes were not read. */
const knownContent = (route: Route | undefined, now: FileIdentity): {file: FileIdentity; sum: string} | undefined =>
  route?.sum !== undefined && route.file.fixed !== undefined && isSameFile(route.file, now) ? {file: route.file, sum: route.sum} : undefined

const noRoute = (why: NoRoute): RouteResult => ({kind: 'none', why})

/** The first path that is a program of the host in the twin set, relative to it, and its bytes. */
export function firstProgram(tree: Tree, paths: readonly string[]): {path: string; size: number} | undefined {
  for (const path of paths) {
    const facts = programFacts(tree, path)
    if (facts?.machine === hostArchitecture().machine) return {path: path.slice(1), size: facts.file.size}
  }
  return undefined
}

function hasPrograms(tree: Tree, files: readonly string[]): boolean {
  for (const path of files) {
    if (!isData(path) && programFacts(tree, path)) return true
  }
  return false
}
