import {type Blocked, layersBehind} from './blocked.js'
import {stronglyConnected} from './cycles.js'
import type {Needs} from './graph.js'
import type {NeedFinder} from './need-finder.js'

/** A source that is built without a part of what it needs. */
export interface Cut {
  source: string
  profiles: readonly string[]
  /** Sources that it needs without these profiles, and not with them. */
  without: readonly string[]
}

/** Stands for the profiles of one source that leave something of it out: `pkg.cyrus-sasl2.nosql`. */
const OWN = 'pkg.*.no*'

/**
 * Build profiles that need less, the cheapest first: tests and manuals are missed least. Of a first stage the package says itself
 * what it lacks. https://wiki.debian.org/BuildProfileSpec
 */
const CUTS: readonly (readonly string[])[] = [
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
    OWN,
  ],
  ['stage1', 'nocheck', 'nodoc', 'nobiarch', OWN],
  ['stage2', 'nocheck', 'nodoc', 'nobiarch', OWN],
]

const isOwn = (profile: string) => /^pkg\..+\.no/.test(profile)

/** What a source needs with these profiles; `price`: how much is missed then. */
export interface Reduction {
  profiles: readonly string[]
  needs: ReadonlySet<string>
  price: number
}

/** What sources need with how many of the profiles; what the finder says is kept. */
export class Reductions {
  readonly #finder: NeedFinder
  readonly #always: readonly string[]
  readonly #known = new Map<string, Reduction[]>()
  /** Profiles that sources are built with, since what they need without them cannot be had. */
  readonly kept = new Map<string, readonly string[]>()

  constructor(finder: NeedFinder, always: readonly string[]) {
    this.#finder = finder
    this.#always = always
  }

  /** Undefined where it cannot be built with these either. */
  needsOf(name: string, more: readonly string[]): ReadonlySet<string> | undefined {
    const profiles = [...new Set([...this.#always, ...(this.kept.get(name) ?? []), ...more])]
    const found = this.#finder.find(name, profiles)
    return found.kind === 'needs' ? found.needs : undefined
  }

  /** The cheapest first; none of a source that knows none of these profiles. */
  of(name: string): readonly Reduction[] {
    const known = this.#known.get(name)
    if (known) return known
    const lessening = [...this.#finder.lessening(name)]
    const made = CUTS.flatMap((all, level): Reduction[] => {
      const profiles = all.flatMap(one => (one === OWN ? lessening.filter(isOwn) : lessening.filter(other => other === one)))
      const needs = profiles.length > 0 ? this.needsOf(name, profiles) : undefined
      return needs ? [{profiles, needs, price: level + 1}] : []
    })
    this.#known.set(name, made)
    return made
  }

  /** As few of these profiles as do, the dearest left out first. */
  narrowed(name: string, profiles: readonly string[], isEnough: (needs: ReadonlySet<string>) => boolean): string[] {
    return profiles.reduceRight((left, profile) => {
      const fewer = left.filter(one => one !== profile)
      const needs = this.needsOf(name, fewer)
      return needs && isEnough(needs) ? fewer : left
    }, profiles.slice())
  }

  keep(name: string, profiles: readonly string[]): void {
    this.kept.set(name, profiles)
    this.#known.delete(name)
  }
}

/**
 * Frees what is blocked by build profiles that need less: nearest to what cannot be had, so that what waits behind it needs none.
 * `ask` finds what newly needed sources need.
 */
export function freeBlocked(
  needs: Map<string, ReadonlySet<string>>,
  blocked: Map<string, Blocked>,
  reductions: Reductions,
  ask: (names: Iterable<string>) => void,
): Cut[] {
  const cuts: Cut[] = []
  for (;;) {
    const layers = layersBehind(needs, blocked.keys())
    const closed = new Set(layers.flatMap(layer => [...layer.keys()]))
    const isFree = (own: ReadonlySet<string>, name: string) => [...own].every(one => one === name || !closed.has(one))
    const free = (name: string): Cut[] => {
      const found = reductions.kept.has(name) ? undefined : reductions.of(name).find(one => isFree(one.needs, name))
      if (!found) return []
      const profiles = reductions.narrowed(name, found.profiles, own => isFree(own, name))
      const own = reductions.needsOf(name, profiles) ?? found.needs
      const without = [...(needs.get(name) ?? [])].filter(one => !own.has(one))
      reductions.keep(name, profiles)
      needs.set(name, own)
      blocked.delete(name)
      return [{source: name, profiles, without}]
    }
    let freed: Cut[] = []
    for (const layer of layers) {
      freed = [...layer.keys()].flatMap(free)
      if (freed.length > 0) break
    }
    if (freed.length === 0) return cuts
    cuts.push(...freed)
    ask(freed.flatMap(({source}) => [...(needs.get(source) ?? [])]))
  }
}

/** Groups that need each other, and those that need themselves. */
export function cyclesIn(needs: Needs, names: readonly string[]): string[][] {
  const own = new Set(names)
  const among = new Map(names.map(name => [name, new Set([...(needs.get(name) ?? [])].filter(one => own.has(one)))] as const))
  return stronglyConnected(among).filter(([name = '', ...others]) => others.length > 0 || needs.get(name)?.has(name) === true)
}

export interface CycleCuts {
  needs: Map<string, ReadonlySet<string>>
  cuts: Cut[]
  /** Cycles that no profile cuts. */
  uncut: string[][]
}

/**
 * Cuts cycles by build profiles: again and again where a profile frees a cycle of the most for its price, until none is left, or
 * nothing helps. After botch, which looks for a small feedback set. https://wiki.debian.org/DebianBootstrap
 */
export function cutCyclesByProfiles(needs: Needs, cycles: readonly (readonly string[])[], reductions: Reductions): CycleCuts {
  const result: CycleCuts = {needs: new Map(needs), cuts: [], uncut: []}
  const cuts = new Map<string, Cut>()
  const open = cycles.map(cycle => [...cycle])
  for (let cycle = open.pop(); cycle; cycle = open.pop()) {
    const best = bestCut(cycle, result.needs, reductions)
    if (!best) {
      result.uncut.push(cycle)
      continue
    }
    const {name, gone} = best
    const profiles = reductions.narrowed(name, best.profiles, own => gone.every(one => !own.has(one)))
    const own = reductions.needsOf(name, profiles) ?? best.needs
    result.needs.set(name, own)
    const without = [...(needs.get(name) ?? [])].filter(one => !own.has(one))
    cuts.set(name, {source: name, profiles, without})
    open.push(...cyclesIn(result.needs, cycle))
  }
  return {...result, cuts: [...cuts.values()]}
}

interface BestCut {
  name: string
  profiles: readonly string[]
  needs: ReadonlySet<string>
  /** Of the cycle, what it need not wait for. */
  gone: readonly string[]
}

function bestCut(cycle: readonly string[], needs: Needs, reductions: Reductions): BestCut | undefined {
  const own = new Set(cycle)
  let best: (BestCut & {worth: number}) | undefined
  for (const name of cycle) {
    const now = [...(needs.get(name) ?? [])].filter(one => own.has(one))
    for (const {profiles, needs: less, price} of reductions.of(name)) {
      const gone = now.filter(one => !less.has(one))
      const worth = gone.length / price
      if (worth > (best?.worth ?? 0)) best = {name, profiles, needs: less, gone, worth}
    }
  }
  return best
}
