import {basename, join} from 'node:path'
import type {InstalledPackage} from '../core/debian.js'
import {hostArchitecture} from '../core/host.js'
import {
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
} from '../core/route.js'
import {hashFile, isThere} from '../host/files.js'
import type {PackageIndex} from './packages.js'
import {isStandIn, programFacts, type StandIn} from './program.js'

export interface RouteSearch {
  /** The root, as it is seen from here. */
  root: PackageIndex
  /** The twin set. */
  twins: PackageIndex
  rules: TwinRules
  target: TargetFacts
  /** In a root of a CPU without an archive: a program of this size and time has no build for the target. */
  standIn?: StandIn | undefined
  /** Routes known before: a file that has not changed since need not be read again. */
  known?: ReadonlyMap<string, Route>
}

export interface FoundRoutes {
  routes: Route[]
  preloads: string[]
  missing: NoRoute[]
}

/** Finds the routes of all packages of a root that may have twins. */
export async function findRoutes(search: RouteSearch): Promise<FoundRoutes> {
  const found: FoundRoutes = {routes: [], preloads: [], missing: []}
  const candidates = [...search.root.packages.values()].filter(pack => pack.name in search.rules.packages || search.standIn !== undefined)
  const rules = new RuleCache(search)
  for (const pack of candidates) {
    const files = await search.root.files(pack)
    const match = findTwinPackage(pack, search)
    if (match.kind === 'none') {
      const isUsual = pack.name in search.rules.packages
      if (isUsual && (await hasPrograms(search.root.tree, files))) found.missing.push(match.why)
      continue
    }
    found.preloads.push(...preloadsOf(pack, files, search))
    const sums = await search.root.sums(pack)
    const results = await Promise.all(files.map(path => findRoute(path, pack, match.match, sums.get(path), search, rules)))
    for (const result of results) {
      if (result?.kind === 'route') found.routes.push(result.route)
      if (result?.kind === 'changed') found.missing.push({reason: 'changed', package: pack.name, path: result.path})
    }
  }
  return found
}

/** Equal rules are one value, so that the table holds each once. */
class RuleCache {
  readonly #search: RouteSearch
  readonly #rules = new Map<string, RouteRule>()

  constructor(search: RouteSearch) {
    this.#search = search
  }

  get(path: string, isStandIn: boolean): RouteRule | undefined {
    const found = ruleFor(path, this.#search.rules.rules, this.#search.target)
    if (!found) return undefined
    const rule = isStandIn ? unconditional(found) : found
    const key = JSON.stringify(rule)
    const known = this.#rules.get(key)
    if (!known) this.#rules.set(key, rule)
    return known ?? rule
  }
}

/** Where there is nothing to be emulated, the twin has to do. */
const unconditional = (rule: RouteRule): RouteRule => ({...rule, emulate: [], emulateLeading: []})

type TwinPackage = {kind: 'found'; match: 'exact' | 'near'} | {kind: 'none'; why: NoRoute}

function findTwinPackage(pack: InstalledPackage, search: RouteSearch): TwinPackage {
  const twin = search.twins.packages.get(search.rules.packages[pack.name] ?? pack.name)
  if (!twin) return {kind: 'none', why: {reason: 'no-twin', package: pack.name}}
  const match = matchPackages(pack, twin, search.target.nearTwins)
  if (match !== 'different') return {kind: 'found', match}
  return {kind: 'none', why: {reason: 'other-version', package: pack.name, version: pack.version, twinVersion: twin.version}}
}

/** The libraries of a package, of which the twin set has the same, that programs name in LD_PRELOAD. */
function preloadsOf({name}: InstalledPackage, files: readonly string[], {rules, target, twins}: RouteSearch): string[] {
  const pattern = rules.preloads[name]
  if (pattern === undefined || !looksLikeHost(target)) return []
  const {triple} = hostArchitecture()
  return files
    .filter(path => pathPattern(pattern, target.triple).test(path) && isThere(join(twins.tree, 'usr/lib', triple, basename(path))))
    .map(path => basename(path))
}

type RouteResult = {kind: 'route'; route: Route} | {kind: 'changed'; path: string} | undefined

async function findRoute(
  path: string,
  pack: InstalledPackage,
  match: 'exact' | 'near',
  sum: string | undefined,
  search: RouteSearch,
  rules: RuleCache,
): Promise<RouteResult> {
  const mayBeRouted = pack.name in search.rules.packages && !isNeverRouted(path, search.rules, search.target)
  if (!mayBeRouted && search.standIn === undefined) return undefined
  const file = join(search.root.tree, path)
  const twin = await firstProgram(search.twins.tree, twinPaths(path, search.target.triple))
  if (twin === undefined) return undefined
  const facts = await programFacts(file)
  if (!facts || facts.machine === hostArchitecture().machine) return undefined
  const noBuild = isStandIn(facts, search.standIn)
  if (!noBuild && !mayBeRouted) return undefined
  const before = search.known?.get(path)
  const unchanged = before?.size === facts.size && before.mtime === facts.mtime
  if (!unchanged && sum !== undefined && (await hashFile(file, 'md5')) !== sum) return {kind: 'changed', path}
  return {
    kind: 'route',
    route: {path, twin, size: facts.size, mtime: facts.mtime, rule: rules.get(path, noBuild), package: pack.name, match},
  }
}

/** The first path that is a program of the host in the twin set, relative to it. */
async function firstProgram(tree: string, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const facts = await programFacts(join(tree, path))
    if (facts?.machine === hostArchitecture().machine) return path.slice(1)
  }
  return undefined
}

async function hasPrograms(tree: string, files: readonly string[]): Promise<boolean> {
  for (const path of files) {
    if (/^\/usr\/s?bin\//.test(path) && (await programFacts(join(tree, path)))) return true
  }
  return false
}
