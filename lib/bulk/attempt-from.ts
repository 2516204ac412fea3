import type {Way} from '../core/bulk/events.js'
import type {BulkPlan, PlannedPackage} from '../core/bulk/plan.js'
import {builtAttempt, type RunState} from '../core/bulk/state.js'
import type {SiteRepository} from '../packages/site-repository.js'
import {feedOf} from './feed.js'
import type {RunDirectory} from './run-directory.js'

/** What an attempt finds of the run's other attempts. */
export interface AttemptFrom {
  repositories: readonly SiteRepository[]
  /** The number of the attempt whose packages it is compared with. */
  hybrid: number | undefined
  /** Build profiles of this attempt alone. */
  profiles: readonly string[]
}

/** `state` is asked for where it counts: made of a long journal it takes a while. */
export function attemptFrom(
  directory: RunDirectory,
  plan: BulkPlan,
  {name, verify, cut = [], profiles = []}: PlannedPackage,
  way: Way,
  stateOf: () => RunState,
): AttemptFrom {
  const isCompared = verify === way
  if (plan.against === 'archive' && !isCompared) return {repositories: [], hybrid: undefined, profiles}
  const state = stateOf()
  const one = state.packages.get(name)
  const before = isCompared && one ? builtAttempt(one) : undefined
  return {
    repositories: plan.against === 'archive' ? [] : [feedOf(directory, state)],
    hybrid: before?.number,
    profiles: one?.attempts.at(-1)?.without?.length ? [...profiles, ...cut] : profiles,
  }
}
