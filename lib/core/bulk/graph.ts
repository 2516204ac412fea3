import type {IndexedSource} from '../debian/source-index.js'

/** Who needs what, among the sources of a set: by names of sources. */
export interface Graph {
  /** Those of the set that a build needs. */
  needs: ReadonlyMap<string, ReadonlySet<string>>
  /** Those whose builds need it. */
  dependents: ReadonlyMap<string, ReadonlySet<string>>
}

/** By the names of the packages that each source makes; what none of the set makes comes from the archive. */
export function makeGraph(sources: readonly IndexedSource[]): Graph {
  const makers = new Map<string, string>()
  for (const {name, binaries} of sources) for (const binary of binaries) makers.set(binary, name)
  const needs = new Map<string, Set<string>>()
  const dependents = new Map<string, Set<string>>(sources.map(({name}) => [name, new Set()]))
  for (const {name, needs: wanted} of sources) {
    const own = new Set(wanted.flatMap(binary => makers.get(binary) ?? []).filter(maker => maker !== name))
    needs.set(name, own)
    for (const maker of own) dependents.get(maker)?.add(name)
  }
  return {needs, dependents}
}

/** All that waits for a source, directly or by way of others, the nearest first. */
export function waitingFor({dependents}: Graph, name: string): string[] {
  const seen = new Set<string>([name])
  for (const one of seen) for (const next of dependents.get(one) ?? []) seen.add(next)
  seen.delete(name)
  return [...seen]
}
