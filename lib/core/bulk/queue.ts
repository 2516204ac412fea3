import type {Order} from './cycles.js'
import type {Way} from './events.js'
import {graphOf} from './graph.js'
import {Heap} from './heap.js'
import {remainingTimes} from './order.js'
import {builtAttempt, isRunning, isSettled, type PackageState, type RunState} from './state.js'

/** An attempt that may begin. */
export interface Job {
  package: string
  version: string
  attempt: number
  way: Way
}

interface Waiting {
  one: PackageState
  /** Of those that were put back, later ones come later. */
  turn: number
}

/** Any package may be built at any time. */
export const NO_ORDER: Order = {needs: new Map(), cuts: new Map()}

/**
 * Which attempt begins next. Packages come before experiments, each when all that it needs is settled; the longest first, with what
 * waits for it, or the shortest, as the run's plan says; most dependents first among equals. What is to be tried alone waits until nothing else runs, and comes before the
 * other experiments, which run side by side.
 */
export class Queue {
  readonly #state: RunState
  readonly #order: Order
  readonly #dependents: ReadonlyMap<string, ReadonlySet<string>>
  readonly #first: Heap<Waiting>
  readonly #experiments: PackageState[] = []
  readonly #alone: PackageState[] = []
  /** Of a cycle, one that was not settled when it was looked at last: most often it is not settled yet. */
  readonly #openOf = new Map<string, string>()
  #turn = 0

  constructor(state: RunState, order: Order = NO_ORDER) {
    this.#state = state
    this.#order = order
    this.#dependents = graphOf(order.needs).dependents
    this.#first = new Heap(state.first === 'longest' ? longestFirst(state, order) : shortestFirst)
    for (const one of state.packages.values()) this.put(one)
  }

  /** How many packages have something to be done that may begin. */
  get size(): number {
    return this.#first.size + this.#experiments.length + this.#alone.length
  }

  /** A package that is not being built: it waits for its next attempt, where there is one, unless it waits for others. */
  put(one: PackageState): void {
    const step = this.#state.step(one)
    if (step.kind !== 'attempt') return
    if (step.way === 'alone') this.#alone.push(one)
    else if (step.way !== 'hybrid') this.#experiments.push(one)
    else if (this.#isReady(one)) this.#first.push({one, turn: one.attempts.length === one.from ? 0 : ++this.#turn})
  }

  /** A package is settled, or all of a cycle: what waited for it may begin. */
  settled(name: string): void {
    for (const dependent of this.#dependents.get(name) ?? []) {
      const one = this.#state.packages.get(dependent)
      if (one?.state === 'queued') this.put(one)
      else if (!one && this.#isThere(dependent)) this.settled(dependent)
    }
  }

  /** The next that may begin beside so many others. */
  take(running: number): Job | undefined {
    const one = this.#first.pop()?.one ?? (this.#alone.length > 0 ? this.#takeAlone(running) : this.#experiments.shift())
    if (!one) return undefined
    const step = this.#state.step(one)
    // It may stand here twice: of one that is asked for again, the first is begun. What it needs may be built again meanwhile.
    if (step.kind !== 'attempt' || isRunning(one) || (step.way === 'hybrid' && !this.#isReady(one))) return this.take(running)
    return {package: one.planned.name, version: one.planned.version, attempt: one.attempts.length + 1, way: step.way}
  }

  /** What an attempt that begins now needs, was cut off from, and nobody has built yet. */
  without(name: string): string[] {
    const cuts = [...(this.#order.cuts.get(name) ?? [])]
    return cuts.filter(cut => {
      const one = this.#state.packages.get(cut)
      return one !== undefined && !builtAttempt(one)
    })
  }

  /** Packages that were built without this one, which is settled now as all that they were built without: they are built again. */
  again(name: string): string[] {
    return [...this.#order.cuts].flatMap(([dependent, cuts]) => {
      const one = cuts.has(name) ? this.#state.packages.get(dependent) : undefined
      return one && this.#isOlder(one) ? [dependent] : []
    })
  }

  #isOlder(one: PackageState): boolean {
    const without = (one.state === 'built' ? builtAttempt(one)?.without : undefined) ?? []
    const others = without.flatMap(name => this.#state.packages.get(name) ?? [])
    return others.every(isSettled) && others.some(other => builtAttempt(other) !== undefined)
  }

  #isReady({planned: {name}}: PackageState): boolean {
    for (const need of this.#order.needs.get(name) ?? []) if (!this.#isThere(need)) return false
    return true
  }

  /** A package, or all of a cycle, is settled, or comes from elsewhere. */
  #isThere(need: string): boolean {
    const one = this.#state.packages.get(need)
    if (one) return isSettled(one)
    const members = this.#order.needs.get(need)
    if (!members) return true
    const open = this.#openOf.get(need)
    if (open !== undefined && !this.#isThere(open)) return false
    for (const member of members) {
      if (this.#isThere(member)) continue
      this.#openOf.set(need, member)
      return false
    }
    return true
  }

  #takeAlone = (running: number) => (running === 0 ? this.#alone.shift() : undefined)
}

type IsBefore = (a: Waiting, b: Waiting) => boolean

/** By the time from its begin to the end of the last that waits for it. */
function longestFirst(state: RunState, {needs}: Order): IsBefore {
  const remaining = remainingTimes(needs, name => state.packages.get(name)?.planned.expected ?? 0)
  const secondsOf = ({planned: {name, expected}}: PackageState) => remaining.get(name) ?? expected
  return (a, b) => isBefore(a, b, secondsOf(b.one) - secondsOf(a.one))
}

const shortestFirst: IsBefore = (a, b) => isBefore(a, b, a.one.planned.expected - b.one.planned.expected)

/** `order` is less than 0 where a is to be before b. */
function isBefore(a: Waiting, b: Waiting, order: number): boolean {
  const [x, y] = [a.one.planned, b.one.planned]
  if (a.turn !== b.turn) return a.turn < b.turn
  if (order !== 0) return order < 0
  return x.dependents !== y.dependents ? x.dependents > y.dependents : x.name < y.name
}
