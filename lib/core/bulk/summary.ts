import type {ArchiveClass} from './archive-comparison.js'
import {estimate, leftOf} from './eta.js'
import type {AttemptEnd, Phase, Verdict, Way} from './events.js'
import type {BulkPlan} from './plan.js'
import {type PackageState, type RunState, type StateName, tellingAttempt, type Verified, verifiedAs} from './state.js'

/** An attempt that runs, as its worker tells. */
export interface LiveJob {
  package: string
  way: Way
  phase: Phase
  /** Seconds. */
  elapsed: number
  inPhase: number
  /** Where it runs, on a cluster. */
  node?: string
}

/** A machine of a cluster, as the run sees it. */
export interface LiveNode {
  name: string
  /** The cluster's word. */
  state: string
  /** Attempts of this size that it can have at once; 0 where it takes none. */
  slots: number
  /** The run's own attempts on it. */
  running: number
  load: number | undefined
  /** Why it takes none; and since when, as ISO 8601. */
  why?: string
  since?: string
}

/** What whoever works on a run tells of what no journal has: it changes with each second. */
export interface Live {
  /** As ISO 8601. */
  at: string
  slots: number
  jobs: readonly LiveJob[]
  nodes?: readonly LiveNode[]
}

export interface Failure {
  package: string
  version: string
  /** `judging`: whose fault it is is being found out. `blocked`: what it needs cannot be installed. */
  state: Extract<StateName, 'failed' | 'judging' | 'blocked'>
  verdict: Verdict | undefined
  /** Why of this verdict; where there is none yet, how it failed. */
  why: string
  /** How it failed, and where. */
  how: string
  reason: string | undefined
  /** Packages of the set that need one of its own. */
  dependents: number
}

/** One look at a run. */
export interface Snapshot {
  run: string
  environment: string
  architecture: string
  work: {kind: 'going-on'; by: string} | {kind: 'waits'; why: string} | {kind: 'idle'; left: 'done' | 'stopped' | 'trouble' | 'killed'}
  counts: Record<StateName, number> & {all: number; left: number}
  verdicts: Partial<Record<Verdict, number>>
  /** How many of the packages that were built compare so with the archive's own. */
  archive: Partial<Record<ArchiveClass | 'none', number>>
  /** How many of those that were built emulated, too, compare so with the hybrid ones; and which are not the same. */
  verified: Partial<Record<Verified, number>>
  notTheSame: readonly string[]
  /** Seconds until all is done; undefined where it is not known. */
  eta: number | undefined
  jobs: readonly (LiveJob & {left: number | undefined})[]
  /** Of a run on a cluster. */
  nodes?: readonly LiveNode[]
  failures: readonly Failure[]
}

/** For people: how an attempt ended. */
export function describeEnd(end: AttemptEnd): string {
  switch (end.kind) {
    case 'built':
      return end.verified ? `built; hybrid and emulated: ${end.verified}` : 'built'
    case 'failed':
      return `${end.phase}: ${end.why}`
    case 'limit':
      return `${end.phase}: ${end.why}`
    case 'blocked':
      return end.why
    case 'infrastructure':
      return `${end.phase}: ${end.why}`
    case 'interrupted':
      return 'interrupted'
  }
}

/** How a package failed; undefined for one that has not. */
const failedState = ({state}: PackageState): Failure['state'] | undefined =>
  state === 'failed' || state === 'judging' || state === 'blocked' ? state : undefined

export function failureOf(one: PackageState): Omit<Failure, 'state'> {
  const end = tellingAttempt(one)?.end
  const how = end ? describeEnd(end) : (one.planned.blocked ?? '')
  return {
    package: one.planned.name,
    version: one.planned.version,
    verdict: one.judged?.verdict,
    why: one.judged?.why ?? how,
    how,
    reason: end?.kind === 'failed' ? end.reason : undefined,
    dependents: one.planned.dependents,
  }
}

/** What failed, and what cannot be built; those that more need first. */
export const failuresOf = (state: RunState): Failure[] =>
  [...state.packages.values()]
    .flatMap(one => {
      const state = failedState(one)
      return state ? [{...failureOf(one), state}] : []
    })
    .sort((a, b) => b.dependents - a.dependents || (a.package < b.package ? -1 : 1))

/** `worker`: who works on it now; undefined where nobody does. */
export function snapshotOf(plan: BulkPlan, state: RunState, live: Live | undefined, worker: string | undefined): Snapshot {
  const jobs = worker === undefined ? [] : (live?.jobs ?? [])
  const elapsed = new Map(jobs.map(job => [job.package, job.elapsed]))
  const {all, factor} = estimate(state, elapsed, live?.slots ?? 1)
  const left = (job: LiveJob) => {
    const expected = state.packages.get(job.package)?.planned.expected
    return factor === undefined || expected === undefined || job.way === 'emulated' ? undefined : leftOf(expected, job.elapsed, factor)
  }
  const verdicts: Snapshot['verdicts'] = {}
  for (const {judged} of state.packages.values()) if (judged) verdicts[judged.verdict] = (verdicts[judged.verdict] ?? 0) + 1
  const archive: Snapshot['archive'] = {}
  for (const one of state.packages.values()) {
    const end = tellingAttempt(one)?.end
    if (end?.kind === 'built' && end.archive) archive[end.archive] = (archive[end.archive] ?? 0) + 1
  }
  const verified: Snapshot['verified'] = {}
  const notTheSame: string[] = []
  for (const one of state.packages.values()) {
    const as = verifiedAs(one)
    if (as) verified[as] = (verified[as] ?? 0) + 1
    if (as === 'different' || as === 'hybrid-only') notTheSame.push(one.planned.name)
  }
  return {
    archive,
    verified,
    notTheSame,
    run: plan.name,
    environment: plan.environment,
    architecture: plan.architecture,
    work: workOf(state, worker),
    counts: {...state.counts, all: state.packages.size, left: plan.left.length},
    verdicts,
    eta: worker === undefined ? undefined : all,
    jobs: jobs.map(job => ({...job, left: left(job)})),
    ...(worker !== undefined && live?.nodes ? {nodes: live.nodes} : {}),
    failures: failuresOf(state),
  }
}

function workOf({waits, closed}: RunState, worker: string | undefined): Snapshot['work'] {
  if (worker === undefined) return {kind: 'idle', left: closed ?? 'killed'}
  return waits === undefined ? {kind: 'going-on', by: worker} : {kind: 'waits', why: waits}
}
