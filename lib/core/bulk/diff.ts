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
}

/** Times differ by this without a cause: the machine's other work. */
const NOTABLE = 1.3
/** Seconds below which they say nothing. */
const SHORT = 10

export function compareRuns(earlier: RunState, later: RunState): RunDifference {
  const difference: RunDifference = {newlyFailed: [], newlyBuilt: [], added: [], gone: [], times: []}
  for (const [name, after] of later.packages) {
    const before = earlier.packages.get(name)
    if (!before) {
      difference.added.push(name)
      continue
    }
    const change = {package: name, before: before.state, after: after.state}
    if (isFailure(after.state) && before.state === 'built') difference.newlyFailed.push(change)
    if (after.state === 'built' && isFailure(before.state)) difference.newlyBuilt.push(change)
    const [one, other] = [secondsOf(before), secondsOf(after)]
    if (one !== undefined && other !== undefined && isNotable(one, other)) {
      difference.times.push({package: name, before: one, after: other})
    }
  }
  for (const name of earlier.packages.keys()) if (!later.packages.has(name)) difference.gone.push(name)
  difference.times.sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
  return difference
}

const isFailure = (state: StateName) => state === 'failed' || state === 'blocked' || state === 'judging'

function secondsOf(one: PackageState): number | undefined {
  const end = tellingAttempt(one)?.end
  return end?.kind === 'built' ? end.seconds : undefined
}

const isNotable = (one: number, other: number) =>
  Math.max(one, other) > SHORT && Math.max(one, other) / Math.max(Math.min(one, other), 0.001) > NOTABLE
