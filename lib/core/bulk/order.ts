import {cutCycles, cyclesOf, type Order} from './cycles.js'
import type {Needs} from './graph.js'

/**
 * The order of a run in which what is built is used by what comes after. Where a need is cut, the archive's package is taken at
 * first, and the package is built again when all of its cycle is there. What needs something of a cycle waits for all of it: for an
 * entry of the cycle's own, since one of an archive's has thousands of packages, and most others need one of them.
 */
export function orderRun(needs: Needs): Order {
  const {needs: without, cuts} = cutCycles(needs)
  const cycles = cyclesOf(needs).map(cycle => ({name: cycleName([...cycle.keys()][0] ?? ''), members: new Set(cycle.keys())}))
  const cycleOf = new Map(cycles.flatMap(({name, members}) => [...members].map(member => [member, name] as const)))
  const whole = [...without].map(([name, own]) => {
    const outside = [...own].flatMap(one => (cycleOf.get(one) === cycleOf.get(name) ? [] : (cycleOf.get(one) ?? [])))
    return [name, new Set([...own, ...outside])] as const
  })
  return {needs: new Map([...whole, ...cycles.map(({name, members}) => [name, members] as const)]), cuts}
}

/** Of no package: their names have no blanks. */
const cycleName = (member: string) => `the cycle of ${member}`

/** Seconds from the begin of each package to the end of the last that waits for it. */
export function remainingTimes(needs: Needs, expected: (name: string) => number): Map<string, number> {
  const times = new Map<string, number>()
  const order: string[] = []
  const seen = new Set<string>()
  for (const start of needs.keys()) {
    const open: [string, Iterator<string>][] = []
    const enter = (name: string) => {
      if (seen.has(name) || !needs.has(name)) return
      seen.add(name)
      open.push([name, (needs.get(name) ?? new Set<string>()).values()])
    }
    enter(start)
    for (let at = open.at(-1); at; at = open.at(-1)) {
      const next = at[1].next()
      if (!next.done) enter(next.value)
      else {
        open.pop()
        order.push(at[0]) // all that it needs stands before it
      }
    }
  }
  for (const name of order.reverse()) {
    const own = (times.get(name) ?? 0) + expected(name)
    times.set(name, own)
    for (const one of needs.get(name) ?? []) times.set(one, Math.max(times.get(one) ?? 0, own))
  }
  return times
}
