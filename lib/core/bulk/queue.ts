import type {Way} from './events.js'
import {Heap} from './heap.js'
import {isRunning, type PackageState, type RunState} from './state.js'

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

/**
 * Which attempt begins next. Packages come before experiments, the longest first, most dependents first among equals; what is to be
 * tried alone waits until nothing else runs, and comes before the other experiments, which run side by side.
 */
export class Queue {
  readonly #state: RunState
  readonly #first = new Heap<Waiting>(isBefore)
  readonly #experiments: PackageState[] = []
  readonly #alone: PackageState[] = []
  #turn = 0

  constructor(state: RunState) {
    this.#state = state
    for (const one of state.packages.values()) this.put(one)
  }

  /** How many packages have something to be done that has not begun. */
  get size(): number {
    return this.#first.size + this.#experiments.length + this.#alone.length
  }

  /** A package that is not being built: it waits for its next attempt, where there is one. */
  put(one: PackageState): void {
    const step = this.#state.step(one)
    if (step.kind !== 'attempt') return
    if (step.way === 'hybrid') this.#first.push({one, turn: one.attempts.length === one.from ? 0 : ++this.#turn})
    else if (step.way === 'alone') this.#alone.push(one)
    else this.#experiments.push(one)
  }

  /** The next that may begin beside so many others. */
  take(running: number): Job | undefined {
    const one = this.#first.pop()?.one ?? (this.#alone.length > 0 ? this.#takeAlone(running) : this.#experiments.shift())
    if (!one) return undefined
    const step = this.#state.step(one)
    // It may stand here twice: of one that is asked for again, the first is begun.
    if (step.kind !== 'attempt' || isRunning(one)) return this.take(running)
    return {package: one.planned.name, version: one.planned.version, attempt: one.attempts.length + 1, way: step.way}
  }

  #takeAlone = (running: number) => (running === 0 ? this.#alone.shift() : undefined)
}

function isBefore(a: Waiting, b: Waiting): boolean {
  const [x, y] = [a.one.planned, b.one.planned]
  if (a.turn !== b.turn) return a.turn < b.turn
  if (x.expected !== y.expected) return x.expected > y.expected
  return x.dependents !== y.dependents ? x.dependents > y.dependents : x.name < y.name
}
