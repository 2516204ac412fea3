import type {IndexedSource} from '../debian/source-index.js'

/** Of each source, those that it needs: by names. What is needed and has no entry of its own is there from elsewhere. */
export type Needs = ReadonlyMap<string, ReadonlySet<string>>

/** Who needs what, among the sources of a set. */
export interface Graph {
  /** Those of the set that a build needs. */
  needs: Needs
  /** Those whose builds need it. */
  dependents: ReadonlyMap<string, ReadonlySet<string>>
}

/** By the names of the packages that each source makes; what none of the set makes comes from the archive. */
export function makeGraph(sources: readonly IndexedSource[]): Graph {
  const makers = new Map<string, string>()
  for (const {name, binaries} of sources) for (const binary of binaries) makers.set(binary, name)
  const needs = sources.map(
    ({name, needs}) => [name, new Set(needs.flatMap(binary => makers.get(binary) ?? []).filter(maker => maker !== name))] as const,
  )
  return graphOf(new Map(needs))
}

/** The same, looked at from both ends. */
export function graphOf(needs: Needs): Graph {
  const dependents = new Map<string, Set<string>>([...needs.keys()].map(name => [name, new Set()]))
  for (const [name, own] of needs) for (const one of own) dependents.get(one)?.add(name)
  return {needs, dependents}
}

/** All that waits for a source, directly or by way of others, the nearest first. */
export function waitingFor({dependents}: Graph, name: string): string[] {
  const seen = new Set<string>([name])
  for (const one of seen) for (const next of dependents.get(one) ?? []) seen.add(next)
  seen.delete(name)
  return [...seen]
}

export interface Rounds {
  /** Each needs only what an earlier round has. */
  rounds: string[][]
  /** What is on a cycle, or needs what is. */
  left: string[]
}

/** Which sources could be built side by side, one round after the other. */
export function roundsOf(needs: Needs): Rounds {
  const {dependents} = graphOf(needs)
  const open = new Map([...needs].map(([name, own]) => [name, [...own].filter(one => needs.has(one)).length]))
  const rounds: string[][] = []
  let next = [...open].flatMap(([name, count]) => (count === 0 ? [name] : []))
  while (next.length > 0) {
    rounds.push(next)
    const free: string[] = []
    for (const name of next) {
      open.delete(name)
      for (const dependent of dependents.get(name) ?? []) {
        const count = (open.get(dependent) ?? 0) - 1
        open.set(dependent, count)
        if (count === 0) free.push(dependent)
      }
    }
    next = free
  }
  return {rounds, left: [...open.keys()]}
}
