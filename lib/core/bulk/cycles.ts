import {graphOf, type Needs} from './graph.js'

/**
 * The groups of which each needs each other, directly or by way of others, and whatever stands alone; what is needed comes before
 * what needs it. R. Tarjan, Depth-first search and linear graph algorithms (1972), without recursion: cycles of an archive are long.
 */
export function stronglyConnected(needs: Needs): string[][] {
  const found: string[][] = []
  const numbers = new Map<string, number>()
  /** The lowest number that each is known to lead to, while its group is not complete. */
  const lowest = new Map<string, number>()
  const open: string[] = []
  for (const start of needs.keys()) if (!numbers.has(start)) visit(start)
  return found

  function visit(start: string): void {
    const path = [enter(start)]
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const next = at.rest.next()
      if (!next.done) {
        if (!needs.has(next.value)) continue
        if (!numbers.has(next.value)) path.push(enter(next.value))
        else lower(at.name, lowest.get(next.value))
        continue
      }
      path.pop()
      const above = path.at(-1)
      if (above) lower(above.name, lowest.get(at.name))
      if (lowest.get(at.name) === numbers.get(at.name)) found.push(complete(at.name))
    }
  }

  function enter(name: string): {name: string; rest: Iterator<string>} {
    numbers.set(name, numbers.size)
    lowest.set(name, numbers.size - 1)
    open.push(name)
    return {name, rest: (needs.get(name) ?? new Set()).values()}
  }

  /** Undefined: the other's group is complete, and leads nowhere back. */
  function lower(name: string, other: number | undefined): void {
    if (other !== undefined && other < (lowest.get(name) ?? 0)) lowest.set(name, other)
  }

  function complete(name: string): string[] {
    const group = open.splice(open.lastIndexOf(name))
    for (const one of group) lowest.delete(one)
    return group
  }
}

/** The parts of a graph that are cycles: of those alone, what each needs of its own cycle. */
export const cyclesOf = (needs: Needs): Needs[] =>
  stronglyConnected(needs)
    .filter(group => group.length > 1)
    .map(group => within(needs, group))

function within(needs: Needs, group: readonly string[]): Needs {
  const own = new Set(group)
  return new Map(group.map(name => [name, new Set([...(needs.get(name) ?? [])].filter(one => own.has(one) && one !== name))]))
}

/**
 * An order of what is on a cycle that leaves few of its needs behind: what needs nothing more comes first, what nobody needs any
 * more last, and else that which is needed the most for the little that it needs. P. Eades, X. Lin, W. F. Smyth, A fast and
 * effective heuristic for the feedback arc set problem (1993).
 */
export function orderCycle(cycle: Needs): string[] {
  const {dependents} = graphOf(cycle)
  const left = new Map([...cycle].map(([name, own]) => [name, {needs: own.size, needed: dependents.get(name)?.size ?? 0}]))
  const [first, last]: [string[], string[]] = [[], []]
  const take = (name: string, to: string[]) => {
    left.delete(name)
    to.push(name)
    for (const one of dependents.get(name) ?? []) count(one, 'needs')
    for (const one of cycle.get(name) ?? []) count(one, 'needed')
  }
  const count = (name: string, what: 'needs' | 'needed') => {
    const one = left.get(name)
    if (one) one[what]--
  }
  while (left.size > 0) {
    const end = [...left].find(([, one]) => one.needs === 0 || one.needed === 0)
    const [name, {needs}] = end ?? [...left].reduce((a, b) => (isBetter(b[1], a[1]) ? b : a))
    take(name, end && needs > 0 ? last : first)
  }
  return [...first, ...last.reverse()]
}

interface Degrees {
  needs: number
  needed: number
}

/** Of equals the one that more need: then one is built twice, not all that need it. */
const isBetter = (a: Degrees, b: Degrees) =>
  a.needed - a.needs !== b.needed - b.needs ? a.needed - a.needs > b.needed - b.needs : a.needed > b.needed

/**
 * An order in which all can be built: what each waits for, and what it would have to wait for if that were not on a cycle.
 * Besides packages there may be an entry for all of a cycle, which needs its packages.
 */
export interface Order {
  needs: Needs
  cuts: Needs
}

/** Cuts each cycle where few needs are lost. */
export function cutCycles(needs: Needs): Order {
  const cuts = new Map<string, ReadonlySet<string>>()
  for (const cycle of cyclesOf(needs)) {
    const place = new Map(orderCycle(cycle).map((name, i) => [name, i]))
    for (const [name, own] of cycle) {
      const later = [...own].filter(one => (place.get(one) ?? 0) > (place.get(name) ?? 0))
      if (later.length > 0) cuts.set(name, new Set(later))
    }
  }
  const without = [...needs].map(
    ([name, own]) => [name, new Set([...own].filter(one => one !== name && !cuts.get(name)?.has(one)))] as const,
  )
  return {needs: new Map(without), cuts}
}

/** The same as JSON. */
export interface PlainOrder {
  needs: Record<string, readonly string[]>
  cuts: Record<string, readonly string[]>
}
