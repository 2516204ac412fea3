import type {IndexedBinary} from '../debian/binary-index.js'
import type {IndexedSource} from '../debian/source-index.js'
import type {StubKind} from '../stubs/kind.js'
import {stronglyConnected} from './cycles.js'
import {type Needs, roundsOf} from './graph.js'
import {Installer} from './needs.js'
import type {LeftOut} from './plan.js'

/** What a CPU without an archive begins with. */
export interface Beginning {
  architecture: string
  /** By the names that the host's packages have: what they are for the target. */
  kindOf: (name: string) => StubKind | undefined
  /** Whether the cross compiler has brought it. */
  isGiven: (name: string) => boolean
}

/** Why a source cannot be built, at whatever time. */
export type Blocked =
  /** It needs a tool that cannot be a stub. */
  | {kind: 'refused'; package: string; why: string}
  /** No package of the archive is what it needs. */
  | {kind: 'lacking'; relation: string}
  /** It has no packages for the target, or is no source of the archive. */
  | {kind: 'not-for-target'; source: string}
  /** It needs itself, or those that need it, and no build profile helps. */
  | {kind: 'cycle'; cycle: readonly string[]}
  /** It needs one that is blocked. */
  | {kind: 'behind'; source: string}

/** A source that is built without a part of what it needs first, and again with all of it. */
export interface Cut {
  source: string
  profiles: readonly string[]
  /** What it need not wait for then. */
  without: readonly string[]
}

export interface FromNothing {
  /** What can be built side by side, one round after the other, with these cuts. */
  rounds: readonly (readonly string[])[]
  /** How many could be without any. */
  withoutCuts: readonly number[]
  needs: Needs
  /** Tools that these builds have installed. */
  tools: ReadonlySet<string>
  cuts: readonly Cut[]
  cycles: readonly (readonly string[])[]
  blocked: ReadonlyMap<string, Blocked>
}

/**
 * Build profiles that need less, the cheapest first: tests and manuals are missed least. Of a first stage the package says itself
 * what it lacks. https://wiki.debian.org/BuildProfileSpec
 */
export const CUTS: readonly (readonly string[])[] = [
  ['nocheck'],
  ['nocheck', 'nodoc'],
  [
    'nocheck',
    'nodoc',
    'nobiarch',
    'noudeb',
    'noinsttest',
    'nopython',
    'noperl',
    'noruby',
    'nojava',
    'nogir',
    'noguile',
    'nolua',
    'nowindows',
  ],
  ['stage1', 'nocheck', 'nodoc', 'nobiarch'],
  ['stage2', 'nocheck', 'nodoc', 'nobiarch'],
]

/** An archive, by its indices. */
export interface ArchiveIndex {
  /** Those that have packages for the target. */
  sources: readonly IndexedSource[]
  /** Of the host's architecture, by their names. */
  binaries: ReadonlyMap<string, IndexedBinary>
}

/**
 * What is built when, of these sources and all that they need; each needs nothing but what an earlier round has, stubs and what
 * there is. `profiles`: of all builds.
 */
export function planFromNothing(
  wanted: readonly string[],
  {sources, binaries}: ArchiveIndex,
  beginning: Beginning,
  profiles: readonly string[],
): FromNothing {
  const finder = new NeedFinder(sources, binaries, beginning)
  const blocked = new Map<string, Blocked>()
  const needs = new Map<string, ReadonlySet<string>>()
  const asked = new Set(wanted)
  for (const name of asked) {
    const found = finder.find(name, profiles)
    if (found.kind === 'blocked') blocked.set(name, found.why)
    else {
      needs.set(name, found.needs)
      for (const one of found.needs) asked.add(one)
    }
  }
  leaveOutBlocked(needs, blocked)
  const first = roundsOf(needs)
  const cycles = cyclesIn(needs, first.left)
  const cut = cutByProfiles(needs, cycles, profiles, (name, more) => {
    const found = finder.find(name, more)
    return found.kind === 'needs' ? found.needs : undefined
  })
  const {rounds} = roundsOf(cut.needs)
  for (const cycle of cut.uncut) for (const name of cycle) blocked.set(name, {kind: 'cycle', cycle})
  const left = new Map(cut.needs)
  leaveOutBlocked(left, blocked)
  return {rounds, tools: finder.tools, withoutCuts: first.rounds.map(({length}) => length), needs: left, cuts: cut.cuts, cycles, blocked}
}

type Found = {kind: 'needs'; needs: ReadonlySet<string>} | {kind: 'blocked'; why: Blocked}

/** Which sources a source needs to be built first. */
class NeedFinder {
  readonly #sources: ReadonlyMap<string, IndexedSource>
  readonly #binaries: ReadonlyMap<string, IndexedBinary>
  readonly #beginning: Beginning
  readonly #installers = new Map<string, Installer>()
  /** Of all that was asked for. */
  readonly tools = new Set<string>()

  constructor(sources: readonly IndexedSource[], binaries: ReadonlyMap<string, IndexedBinary>, beginning: Beginning) {
    this.#sources = new Map(sources.map(source => [source.name, source]))
    this.#binaries = binaries
    this.#beginning = beginning
  }

  find(name: string, profiles: readonly string[]): Found {
    const source = this.#sources.get(name)
    if (!source) return {kind: 'blocked', why: {kind: 'not-for-target', source: name}}
    const {sources, binaries, lacking} = this.#installer(profiles).of(source)
    const [missing] = lacking
    if (missing !== undefined) return {kind: 'blocked', why: {kind: 'lacking', relation: missing}}
    for (const name of binaries) {
      const kind = this.#beginning.kindOf(name)
      if (kind?.kind === 'refused') return {kind: 'blocked', why: {kind: 'refused', package: name, why: kind.why}}
    }
    for (const name of binaries) if (this.#beginning.kindOf(name)?.kind === 'tool') this.tools.add(name)
    return {kind: 'needs', needs: sources}
  }

  #installer(profiles: readonly string[]): Installer {
    const key = profiles.join(' ')
    const known = this.#installers.get(key)
    if (known) return known
    const {architecture, kindOf, isGiven} = this.#beginning
    const made = new Installer(this.#binaries, {
      architecture,
      profiles: () => profiles,
      role: (binary, by) => {
        if (isGiven(binary.name)) return 'given'
        const kind = kindOf(binary.name)?.kind
        if (kind === 'for-all' || kind === 'tool') return 'there'
        return by !== undefined && kindOf(by.name)?.kind === 'tool' ? 'left-out' : 'built'
      },
    })
    this.#installers.set(key, made)
    return made
  }
}

/** What needs a blocked one is blocked too. */
function leaveOutBlocked(needs: Map<string, ReadonlySet<string>>, blocked: Map<string, Blocked>): void {
  for (const name of blocked.keys()) needs.delete(name)
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, own] of needs) {
      const by = [...own].find(one => blocked.has(one))
      if (by === undefined) continue
      blocked.set(name, {kind: 'behind', source: by})
      needs.delete(name)
      changed = true
    }
  }
}

/** Groups that need each other, and those that need themselves. */
function cyclesIn(needs: Needs, names: readonly string[]): string[][] {
  const own = new Set(names)
  const among = new Map(names.map(name => [name, new Set([...(needs.get(name) ?? [])].filter(one => own.has(one)))] as const))
  return stronglyConnected(among).filter(([name = '', ...others]) => others.length > 0 || needs.get(name)?.has(name) === true)
}

interface ProfileCuts {
  needs: Map<string, ReadonlySet<string>>
  cuts: Cut[]
  /** Cycles that no profile cuts. */
  uncut: string[][]
}

/**
 * Cuts cycles by build profiles: again and again where a profile frees a cycle of the most for its price, until none is left, or
 * nothing helps. After botch, which looks for a small feedback set. https://wiki.debian.org/DebianBootstrap
 */
function cutByProfiles(
  needs: Needs,
  cycles: readonly (readonly string[])[],
  profiles: readonly string[],
  find: (name: string, profiles: readonly string[]) => ReadonlySet<string> | undefined,
): ProfileCuts {
  const result: ProfileCuts = {needs: new Map(needs), cuts: [], uncut: []}
  const cuts = new Map<string, Cut>()
  const reduced = new Map<string, readonly (ReadonlySet<string> | undefined)[]>()
  const open = cycles.map(cycle => [...cycle])
  for (let cycle = open.pop(); cycle; cycle = open.pop()) {
    const best = bestCut(cycle, result.needs, name => {
      const known = reduced.get(name) ?? CUTS.map(more => find(name, [...new Set([...profiles, ...more])]))
      reduced.set(name, known)
      return known
    })
    if (!best) {
      result.uncut.push(cycle)
      continue
    }
    result.needs.set(best.name, best.needs)
    const without = [...(needs.get(best.name) ?? [])].filter(one => !best.needs.has(one))
    cuts.set(best.name, {source: best.name, profiles: CUTS[best.level] ?? [], without})
    open.push(...cyclesIn(result.needs, cycle))
  }
  return {...result, cuts: [...cuts.values()]}
}

function bestCut(
  cycle: readonly string[],
  needs: Needs,
  reducedOf: (name: string) => readonly (ReadonlySet<string> | undefined)[],
): {name: string; level: number; needs: ReadonlySet<string>} | undefined {
  const own = new Set(cycle)
  let best: {name: string; level: number; needs: ReadonlySet<string>; worth: number} | undefined
  for (const name of cycle) {
    const now = [...(needs.get(name) ?? [])].filter(one => own.has(one))
    for (const [level, less] of reducedOf(name).entries()) {
      if (!less) continue
      const worth = now.filter(one => !less.has(one)).length / (level + 1)
      if (worth > (best?.worth ?? 0)) best = {name, level, needs: less, worth}
    }
  }
  return best
}

/** How many are blocked by what kind of thing. */
export function countBlocked(blocked: ReadonlyMap<string, Blocked>): Partial<Record<Blocked['kind'], number>> {
  const counts: Partial<Record<Blocked['kind'], number>> = {}
  for (const {kind} of blocked.values()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** For people. */
export function describeBlocked(why: Blocked): string {
  switch (why.kind) {
    case 'refused':
      return `it needs ${why.package}: ${why.why}`
    case 'lacking':
      return `there is no ${why.relation}`
    case 'not-for-target':
      return `${why.source} has no packages for this CPU`
    case 'cycle':
      return `it is on a cycle that no build profile cuts: ${why.cycle.join(', ')}`
    case 'behind':
      return `it needs ${why.source}, which is blocked`
  }
}

/** What `packages plan --json` prints. */
export interface PlanFromNothingJson {
  architecture: string
  counts: {inOrder: number; withCuts: number; blocked: number; blockedBy: Partial<Record<Blocked['kind'], number>>}
  /** How many of each round could be built without any cut. */
  withoutCuts: readonly number[]
  rounds: {source: string; waitsFor: string[]}[][]
  cuts: readonly Cut[]
  cycles: readonly (readonly string[])[]
  blocked: Record<string, Blocked>
  left: readonly LeftOut[]
}
