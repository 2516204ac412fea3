import type {AttemptEnd, RunEvent, Verdict, Way} from './events.js'
import {type FaultOf, nextStep, type Step} from './judge.js'
import type {BulkPlan, PlannedPackage, Policy} from './plan.js'

/** `judging`: it failed, and why is being found out. */
export type StateName = 'queued' | 'building' | 'judging' | 'built' | 'failed' | 'blocked'

export const STATES: readonly StateName[] = ['queued', 'building', 'judging', 'built', 'failed', 'blocked']

export interface Attempt {
  number: number
  way: Way
  begun: number
  /** Undefined while it runs. */
  end: AttemptEnd | undefined
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
  readonly counts: Record<StateName, number>
  /** Why nothing is begun at the moment. */
  waits: string | undefined
  closed: (RunEvent & {kind: 'closed'})['why'] | undefined
  readonly #policy: Policy
  readonly #faultOf: FaultOf

  constructor({packages, policy}: BulkPlan, faultOf: FaultOf = () => undefined) {
    this.packages = new Map(
      packages.map(planned => [
        planned.name,
        {planned, state: stateAtFirst(planned), attempts: [], from: 0, judged: undefined, again: false},
      ]),
    )
    this.counts = {queued: 0, building: 0, judging: 0, built: 0, failed: 0, blocked: 0}
    for (const {state} of this.packages.values()) this.counts[state]++
    this.#policy = policy
    this.#faultOf = faultOf
  }

  apply(event: RunEvent): void {
    switch (event.kind) {
      case 'opened':
        this.closed = undefined
        this.waits = undefined
        this.abandon()
        return
      case 'begun':
        return this.#change(event.package, one => {
          const {attempt: number, way, at: begun} = event
          one.attempts.push({number, way, begun, end: undefined})
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
    const tried = attempts.slice(from).flatMap(({way, end}) => (end ? [{way, end}] : []))
    return nextStep(tried, this.#policy, this.#faultOf)
  }

  /** Nobody works on it: attempts that have no end have none. */
  abandon(): void {
    for (const one of this.packages.values()) {
      if (!isRunning(one)) continue
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
        if (step.way !== 'hybrid') return 'judging'
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
  const counted = attempts.slice(from).filter(({end}) => end !== undefined)
  const built = state === 'built' ? counted.findLast(({end}) => end?.kind === 'built') : undefined
  return built ?? counted.find(({end}) => isResult(end)) ?? counted.at(-1)
}

const isResult = (end: AttemptEnd | undefined) => end !== undefined && end.kind !== 'interrupted' && end.kind !== 'infrastructure'
