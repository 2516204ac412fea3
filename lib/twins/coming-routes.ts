import type {ComingPackage} from '../core/debian/coming.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {type ComingRoute, isNeverRouted, type Route, twinPaths} from '../core/twins/route.js'
import {twinTree} from './program.js'
import {findRule, findTwinPackage, firstProgram, type RouteSearch} from './routes.js'

/** The routes that the programs of packages which will come are going to have, by the packages' own sums. */
export function findComingRoutes(
  coming: readonly ComingPackage[],
  search: Pick<RouteSearch, 'twins' | 'rules' | 'target' | 'unfit'>,
): ComingRoute[] {
  const tree = twinTree(search.twins.tree)
  return coming.flatMap(({pack, sums}) => {
    const isStub = pack.stub === true
    const match = isStub || Object.hasOwn(search.rules.packages, pack.name) ? findTwinPackage(pack, search) : undefined
    if (match?.kind !== 'found') return []
    return [...sums].flatMap(([path, sum]): ComingRoute[] => {
      if (!isStub && isNeverRouted(path, search.rules, search.target)) return []
      const twin = firstProgram(tree, twinPaths(path, search.target.triple, hostArchitecture().debian))
      if (twin === undefined || (!isStub && search.unfit.has(`/${twin.path}`))) return []
      const rule = findRule(path, isStub, search)
      const kind = isStub ? 'stub' : 'program'
      return [{path, twin: twin.path, twinSize: twin.size, file: undefined, sum, rule, package: pack.name, match: match.match, kind}]
    })
  })
}

/** What was found, and what is not there yet. */
export function withComing(found: readonly Route[], coming: readonly ComingRoute[]): (Route | ComingRoute)[] {
  const known = new Set(found.map(({path}) => path))
  return [...found, ...coming.filter(({path}) => !known.has(path))]
}
