import {type PackageState, type RunState, type StateName, tellingAttempt} from './state.js'

export interface Change<T> {
  package: string
  before: T
  after: T
}

/** What is other in a later run. */
export interface RunDifference {
  newlyFailed: Change<StateName>[]
  newlyBuilt: Change<StateName>[]
  /** Only the later has them, or only the earlier. */
  added: string[]
  gone: string[]
  /** Seconds of builds that took notably longer or shorter. */
  times: Change<number>[]
  /** Bytes of all packages of a source that are notably larger or smaller. */
  sizes: Change<number>[]
  /** What both have built: how many, and seconds of them all. */
  both: {packages: number; before: number; after: number}
}

export interface ComparedRun {
  state: RunState
  /** Bytes of the packages that were built; undefined: not known. */
  sizeOf: (one: PackageState) => number | undefined
}

/** Times differ by this without a cause: the machine's other work. */
const NOTABLE = 1.3
/** Seconds below which they say nothing. */
const SHORT = 10
/** Packages of one source, built twice, differ by less: in dates, and how these are compressed. */
const NOTABLE_SIZE = 1.01

export function compareRuns(earlier: ComparedRun, later: ComparedRun): RunDifference {
  const both = {packages: 0, before: 0, after: 0}
  const difference: RunDifference = {newlyFailed: [], newlyBuilt: [], added: [], gone: [], times: [], sizes: [], both}
  for (const [name, after] of later.state.packages) {
    const before = earlier.state.packages.get(name)
    if (!before) {
      difference.added.push(name)
      continue
    }
    const change = {package: name, before: before.state, after: after.state}
    if (isFailure(after.state) && before.state === 'built') difference.newlyFailed.push(change)
    if (after.state === 'built' && isFailure(before.state)) difference.newlyBuilt.push(change)
    const [one, other] = [secondsOf(before), secondsOf(after)]
    if (one === undefined || other === undefined) continue
    both.packages++
    both.before += one
    both.after += other
    if (Math.max(one, other) > SHORT && factor(one, other) > NOTABLE) difference.times.push({package: name, before: one, after: other})
    const [size = 0, otherSize = 0] = [earlier.sizeOf(before), later.sizeOf(after)]
    if (size > 0 && otherSize > 0 && factor(size, otherSize) > NOTABLE_SIZE) {
      difference.sizes.push({package: name, before: size, after: otherSize})
    }
  }
  for (const name of earlier.state.packages.keys()) if (!later.state.packages.has(name)) difference.gone.push(name)
  for (const changes of [difference.times, difference.sizes])
    changes.sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
  return difference
}

const isFailure = (state: StateName) => state === 'failed' || state === 'blocked' || state === 'judging'

function secondsOf(one: PackageState): number | undefined {
  const end = tellingAttempt(one)?.end
  return end?.kind === 'built' ? end.seconds : undefined
}

const factor = (one: number, other: number) => Math.max(one, other) / Math.max(Math.min(one, other), 0.001)
