import {type AttemptEnd, PASSING, type Verdict, type Way} from './events.js'
import type {PlannedPackage, Policy} from './plan.js'

/** An attempt that has ended. */
export interface Tried {
  way: Way
  end: AttemptEnd
}

/** What comes next for a package, by what was tried. */
export type Step =
  | {kind: 'attempt'; way: Way}
  | {kind: 'built'}
  | {kind: 'blocked'}
  /** Undefined `verdict`: there is no more to be found out about why. */
  | {kind: 'judged'; verdict: Verdict; why: string}

const WAY_NAMES = {alone: 'alone', native: 'natively', emulated: 'emulated'} as const

/** How many times as long as the hybrid one an emulated build takes: README.md, "How fast", 2.6 to 15. */
const EMULATED_TIMES = 10

/** A reason's own word on whose fault it is, where the package fails natively too. */
export type FaultOf = (reason: string | undefined) => Verdict | undefined

/** What becomes of a package's own packages. */
export interface Use {
  verify?: PlannedPackage['verify']
  /** Whether others of the run are built with them. */
  by?: 'others' | 'nobody'
}

/** The cheapest experiment that is left, or what they say: see "Verdicts" in docs/design/bulk.md. */
export function nextStep(tried: readonly Tried[], policy: Policy, faultOf: FaultOf = () => undefined, {verify, by}: Use = {}): Step {
  const troubled = troubles(tried, policy)
  if (troubled) return troubled
  const first = resultOf(tried, 'hybrid')
  if (!first) return {kind: 'attempt', way: 'hybrid'}
  if (first.kind === 'built') {
    const isVerified = tried.some(({way, end}) => way === 'emulated' && end.kind !== 'interrupted')
    return verify && !isVerified ? {kind: 'attempt', way: verify} : {kind: 'built'}
  }
  if (first.kind === 'blocked') return {kind: 'blocked'}
  const step = findCause(tried, first, policy, faultOf)
  return by === 'others' && step.kind === 'judged' ? forOthers(tried, step) : step
}

/** What fails here and not natively would keep all that needs it from being built: it is built without its tests. */
function forOthers(tried: readonly Tried[], judged: Step & {kind: 'judged'}): Step {
  if (judged.verdict === 'flaky' || resultOf(tried, 'native')?.kind !== 'built') return judged
  const untested = tried.findLast(({way}) => way === 'untested')
  if (!untested) return {kind: 'attempt', way: 'untested'}
  return untested.end.kind === 'built' ? {...judged, why: `${judged.why}; what needs it has it built without its tests`} : judged
}

function findCause(tried: readonly Tried[], first: AttemptEnd, policy: Policy, faultOf: FaultOf): Step {
  const alone = resultOf(tried, 'alone')
  if (alone?.kind === 'built') return {kind: 'judged', verdict: 'flaky', why: 'it passed when it was tried again, alone'}
  const native = resultOf(tried, 'native')
  if (native && hasFailed(native)) return failsNatively(native, faultOf)
  const emulated = resultOf(tried, 'emulated')
  if (emulated && hasFailed(emulated)) return failsEmulated(native)
  if (emulated?.kind === 'built') return {kind: 'judged', verdict: 'twin', why: 'it passes when every program is emulated'}
  return experiment(tried, first, policy)
}

const hasFailed = (end: AttemptEnd) => end.kind === 'failed' || end.kind === 'limit'

function failsNatively(native: AttemptEnd, faultOf: FaultOf): Step {
  const fault = native.kind === 'failed' ? faultOf(native.reason) : undefined
  const verdict = fault ?? 'package'
  const why = verdict === 'package' ? 'it fails natively too' : 'it fails natively too, for a reason that lies in how it is built here'
  return {kind: 'judged', verdict, why}
}

const failsEmulated = (native: AttemptEnd | undefined): Step =>
  native?.kind === 'built'
    ? {kind: 'judged', verdict: 'emulator', why: 'it fails emulated too, and passes natively: the emulator, or the port'}
    : {kind: 'judged', verdict: 'unclear', why: 'it fails emulated too; whether it passes natively is not known'}

/** Lost nodes that no package is given up for: one that takes each of so many with it may be their fault. */
const MOST_LOST_NODES = 20

/** Where the last attempt ended by no fault of the package. */
function troubles(tried: readonly Tried[], {retries}: Policy): Step | undefined {
  const last = tried.at(-1)
  if (last?.end.kind === 'interrupted') return {kind: 'attempt', way: last.way}
  if (last?.end.kind !== 'infrastructure') return undefined
  const {way, end} = last
  if (PASSING.includes(end.trouble)) return {kind: 'attempt', way}
  const isOfNode = (one: AttemptEnd) => one.kind === 'infrastructure' && one.trouble === 'node'
  const counts = (one: AttemptEnd) => one.kind === 'infrastructure' && !PASSING.includes(one.trouble) && isOfNode(one) === isOfNode(end)
  const count = tried.filter(one => one.way === way && counts(one.end)).length
  if (count <= (isOfNode(end) ? MOST_LOST_NODES : retries)) return {kind: 'attempt', way}
  // An experiment that cannot be made tells nothing of the package.
  return way === 'hybrid' ? {kind: 'judged', verdict: 'infrastructure', why: end.why} : undefined
}

/** The last result of a way that says something of the package. */
const resultOf = (tried: readonly Tried[], way: Way): AttemptEnd | undefined =>
  tried.findLast(one => one.way === way && one.end.kind !== 'infrastructure' && one.end.kind !== 'interrupted')?.end

function experiment(tried: readonly Tried[], first: AttemptEnd, {experiments, budget}: Policy): Step {
  const spent = tried.filter(({way}) => way !== 'hybrid').reduce((sum, {end}) => sum + end.seconds, 0)
  const costs = {alone: first.seconds, native: first.seconds, emulated: first.seconds * EMULATED_TIMES}
  const left = (['alone', 'native', 'emulated'] as const).filter(
    way => experiments.includes(way) && !tried.some(one => one.way === way && one.end.kind !== 'interrupted'),
  )
  const way = left.find(one => spent + costs[one] <= budget)
  if (way) return {kind: 'attempt', way}
  const native = resultOf(tried, 'native')
  if (native?.kind === 'built') {
    return {kind: 'judged', verdict: 'unclear', why: 'it passes natively; whether it passes emulated was not tried'}
  }
  const next = left[0]
  if (next === undefined) return {kind: 'judged', verdict: 'unclear', why: 'no experiment is left'}
  const minutes = (seconds: number) => `${Math.ceil(seconds / 60)} min`
  const why = `to try it again ${WAY_NAMES[next]} would take about ${minutes(costs[next])}, and ${minutes(Math.max(budget - spent, 0))} of the budget are left`
  return {kind: 'judged', verdict: 'unclear', why}
}
