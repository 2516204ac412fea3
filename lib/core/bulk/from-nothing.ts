import {type Blocked, leaveOutBlocked} from './blocked.js'
import {type Needs, roundsOf} from './graph.js'
import {type ArchiveIndex, type Beginning, NeedFinder} from './need-finder.js'
import type {LeftOut} from './plan.js'
import {type Cut, cutCyclesByProfiles, cyclesIn, freeBlocked, Reductions} from './profile-cuts.js'

export interface FromNothing {
  /** What can be built side by side, one round after the other, with these cuts. */
  rounds: readonly (readonly string[])[]
  /** How many could be without any. */
  withoutCuts: readonly number[]
  needs: Needs
  /** Tools that these builds have installed. */
  tools: ReadonlySet<string>
  /** What is on a cycle: it is built again with all that it needs. */
  cuts: readonly Cut[]
  /** What needs what cannot be had otherwise: it is built so. */
  lessened: readonly Cut[]
  cycles: readonly (readonly string[])[]
  blocked: ReadonlyMap<string, Blocked>
}

/**
 * What is built when, of these sources and all that they need; each needs nothing but what an earlier round has, stubs and what
 * there is. `profiles`: of all builds.
 */
export function planFromNothing(
  wanted: readonly string[],
  archive: ArchiveIndex,
  beginning: Beginning,
  profiles: readonly string[],
): FromNothing {
  const finder = new NeedFinder(archive, beginning)
  const blocked = new Map<string, Blocked>()
  const needs = new Map<string, ReadonlySet<string>>()
  const ask = (names: Iterable<string>) => {
    const asked = new Set(names)
    for (const name of asked) {
      if (needs.has(name) || blocked.has(name)) continue
      const found = finder.find(name, profiles)
      if (found.kind === 'blocked') blocked.set(name, found.why)
      else {
        needs.set(name, found.needs)
        for (const one of found.needs) asked.add(one)
      }
    }
  }
  ask(wanted)
  const first = new Map(needs)
  leaveOutBlocked(first, new Map(blocked))
  const reductions = new Reductions(finder, profiles)
  const lessened = freeBlocked(needs, blocked, reductions, ask)
  const all = new Map(needs)
  leaveOutBlocked(needs, blocked)
  const cycles = cyclesIn(needs, roundsOf(needs).left)
  const cut = cutCyclesByProfiles(needs, cycles, reductions)
  for (const cycle of cut.uncut) for (const name of cycle) blocked.set(name, {kind: 'cycle', cycle})
  const left = new Map(cut.needs)
  leaveOutBlocked(left, blocked)
  const later = new Map(cut.cuts.map(({source, without}) => [source, without]))
  const asked = reached(wanted, name => [...(left.get(name) ?? all.get(name) ?? []), ...(later.get(name) ?? [])])
  const own = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([name]) => asked.has(name)))
  const built = own(left)
  return {
    rounds: roundsOf(built).rounds,
    tools: finder.toolsOf(built.keys()),
    withoutCuts: roundsOf(own(first)).rounds.map(({length}) => length),
    needs: built,
    cuts: cut.cuts.filter(({source}) => built.has(source)),
    lessened: lessened.filter(({source}) => built.has(source)),
    cycles: cycles.filter(cycle => cycle.some(name => asked.has(name))),
    blocked: own(blocked),
  }
}

/** These, and all that they lead to. */
function reached(names: readonly string[], next: (name: string) => Iterable<string>): Set<string> {
  const seen = new Set(names)
  for (const name of seen) for (const one of next(name)) seen.add(one)
  return seen
}

/** What `packages plan --json` prints. */
export interface PlanFromNothingJson {
  architecture: string
  counts: {inOrder: number; withCuts: number; blocked: number; blockedBy: Partial<Record<Blocked['kind'], number>>}
  /** How many of each round could be built without any cut. */
  withoutCuts: readonly number[]
  rounds: {source: string; waitsFor: string[]}[][]
  cuts: readonly Cut[]
  lessened: readonly Cut[]
  cycles: readonly (readonly string[])[]
  blocked: Record<string, Blocked>
  left: readonly LeftOut[]
}
