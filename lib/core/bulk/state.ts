import type {AttemptEnd, RunEvent, Verdict, Way} from './events.js'
import {type FaultOf, nextStep, type Step} from './judge.js'
import type {Against, BulkPlan, First, PlannedPackage, Policy} from './plan.js'

/** `judging`: it failed, and why is being found out. */
export type StateName = 'queued' | 'building' | 'judging' | 'built' | 'failed' | 'blocked'

export const STATES: readonly StateName[] = ['queued', 'building', 'judging', 'built', 'failed', 'blocked']

export interface Attempt {
  number: number
  way: Way
  begun: number
  /** Undefined while it runs. */
  end: AttemptEnd | undefined
  /** What it needed of the run, and had from the archive. */
  without?: readonly string[]
}

export interface PackageState {
  readonly planned: PlannedPackage
  state: StateName
  attempts: Attempt[]
  /** The first attempt that counts: those before a retry do not. */
  from: number
  judged: {verdict: Verdict; why: string} | undefined
  /** Somebody asked for it, whatever was known of it before. */
  again: boolean
}

/** All that is known of a run: made of its plan and the events of its journal, in their order, and of nothing else. */
export class RunState {
  readonly packages: ReadonlyMap<string, PackageState>
  readonly first: First
  readonly counts: Record<StateName, number>
  /** Why nothing is begun at the moment. */
  waits: string | undefined
  closed: (RunEvent & {kind: 'closed'})['why'] | undefined
  readonly #policy: Policy
  readonly #against: Against
  readonly #faultOf: FaultOf
  /** While many events are applied: the packages that they are about. */
  #deferred: Set<PackageState> | undefined

  constructor({packages, policy, against, first}: BulkPlan, faultOf: FaultOf = () => undefined) {
    this.packages = new Map(
      packages.map(planned => [
        planned.name,
        {planned, state: stateAtFirst(planned), attempts: [], from: 0, judged: undefined, again: false},
      ]),
    )
    this.counts = {queued: 0, building: 0, judging: 0, built: 0, failed: 0, blocked: 0}
    for (const {state} of this.packages.values()) this.counts[state]++
    this.first = first
    this.#policy = policy
    this.#against = against
    this.#faultOf = faultOf
  }

  /** The same as each of them: what follows for a package is found out once. */
  applyAll(events: readonly RunEvent[]): void {
    this.#deferred = new Set()
    for (const event of events) this.apply(event)
    const changed = this.#deferred
    this.#deferred = undefined
    for (const one of changed) this.#settle(one)
  }

  apply(event: RunEvent): void {
    switch (event.kind) {
      case 'opened':
        this.closed = undefined
        this.waits = undefined
        this.abandon(event.running)
        return
      case 'begun':
        return this.#change(event.package, one => {
          const {attempt: number, way, at: begun, without} = event
          one.attempts.push({number, way, begun, end: undefined, ...(without ? {without} : {})})
        })
      case 'ended':
        return this.#change(event.package, one => {
          const attempt = one.attempts.findLast(({number}) => number === event.attempt)
          if (attempt) attempt.end = event.end
        })
      case 'judged':
        return this.#change(event.package, one => {
          one.judged = {verdict: event.verdict, why: event.why}
        })
      case 'again':
        for (const name of event.packages) {
          this.#change(name, one => {
            one.from = one.attempts.length
            one.judged = undefined
            one.again = true
          })
        }
        return
      case 'waits':
        this.waits = event.why
        return
      case 'goes-on':
        this.waits = undefined
        return
      case 'closed':
        this.closed = event.why
        return
    }
  }

  /** What comes next for a package that is not being built. */
  step({planned, attempts, from, again, judged}: PackageState): Step {
    if (judged) return {kind: 'judged', ...judged}
    if (planned.blocked !== undefined && !again) return {kind: 'blocked'}
    const last = attempts.at(-1)
    if (!planned.verify && last?.way === 'hybrid' && last.end?.kind === 'built' && attempts.length > from) return {kind: 'built'} // as most are
    const tried = attempts.slice(from).flatMap(({way, end}) => (end ? [{way, end}] : []))
    const by = this.#against !== 'archive' && planned.dependents > 0 ? 'others' : 'nobody'
    return nextStep(tried, this.#policy, this.#faultOf, {verify: planned.verify, by})
  }

  /** Nobody works on it: attempts that have no end have none, but for those of some packages, which run on. */
  abandon(running: readonly string[] = []): void {
    const left = new Set(running)
    for (const one of this.packages.values()) {
      if (!isRunning(one) || left.has(one.planned.name)) continue
      this.#change(one.planned.name, ({attempts}) => {
        for (const attempt of attempts) attempt.end ??= {kind: 'interrupted', seconds: 0}
      })
    }
  }

  /** A name that the plan lacks is nobody's. */
  #change(name: string, change: (one: PackageState) => void): void {
    const one = this.packages.get(name)
    if (!one) return
    change(one)
    if (this.#deferred) this.#deferred.add(one)
    else this.#settle(one)
  }

  #settle(one: PackageState): void {
    this.counts[one.state]--
    one.state = this.#stateOf(one)
    this.counts[one.state]++
  }

  #stateOf(one: PackageState): StateName {
    const step = this.step(one)
    switch (step.kind) {
      case 'built':
      case 'blocked':
        return step.kind
      case 'judged':
        return step.verdict === 'flaky' ? 'built' : 'failed'
      case 'attempt':
        if (step.way !== 'hybrid') return tellingAttempt(one)?.end?.kind === 'built' ? 'built' : 'judging' // verified, or judged
        return isRunning(one) ? 'building' : 'queued'
    }
  }
}

const stateAtFirst = ({blocked}: PlannedPackage): StateName => (blocked === undefined ? 'queued' : 'blocked')

export function isRunning({attempts}: PackageState): boolean {
  const last = attempts.at(-1)
  return last !== undefined && last.end === undefined
}

/** The attempt that tells of a package: the one that built it, or, of one that failed, the first that counts. */
export function tellingAttempt({state, attempts, from}: PackageState): Attempt | undefined {
  const only = attempts[from]
  if (only?.end && attempts.length === from + 1) return only // as of most
  const counted = attempts.slice(from).filter(({end}) => end !== undefined)
  const built = state === 'built' ? counted.findLast(leavesPackages) : undefined
  return built ?? counted.find(({end}) => isResult(end)) ?? counted.at(-1)
}

/** The attempt whose packages count, whatever came after it: experiments leave none. */
export const builtAttempt = ({attempts}: PackageState): Attempt | undefined => attempts.findLast(leavesPackages)

/** The attempt whose packages are published: of one that failed, what others were built with. */
export const publishedAttempt = (one: PackageState): Attempt | undefined =>
  one.state === 'built' ? tellingAttempt(one) : one.attempts.slice(one.from).findLast(leavesPackages)

const leavesPackages = ({way, end}: Attempt) => end?.kind === 'built' && (way === 'hybrid' || way === 'alone' || way === 'untested')

/** How what was built emulated, too, compares. `open`: that is still to be done; `hybrid-only`: it was not built emulated. */
export type Verified = 'identical' | 'explained' | 'different' | 'hybrid-only' | 'open'

export function verifiedAs({planned, state, attempts, from}: PackageState): Verified | undefined {
  if (!planned.verify || state !== 'built') return undefined
  const end = attempts.slice(from).findLast(({way, end}) => way === 'emulated' && end?.kind !== 'interrupted')?.end
  if (!end) return 'open'
  return end.kind === 'built' ? end.verified : 'hybrid-only'
}

/** Nothing more is to be found out about a package. */
export const isSettled = ({state}: PackageState): boolean => state === 'built' || state === 'failed' || state === 'blocked'

const isResult = (end: AttemptEnd | undefined) => end !== undefined && end.kind !== 'interrupted' && end.kind !== 'infrastructure'
