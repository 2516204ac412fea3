import {type RunState, type StateName, tellingAttempt, type Verified, verifiedAs} from '../core/bulk/state.js'
import {type Failure, failuresOf} from '../core/bulk/summary.js'

export interface Summary {
  run: string
  counts: Record<StateName, number>
  failures: readonly Failure[]
  packages: readonly {
    package: string
    version: string
    state: StateName
    seconds: number | undefined
    attempts: number
    verified?: Verified
  }[]
}

export const summaryOf = (run: string, state: RunState): Summary => ({
  run,
  counts: state.counts,
  failures: failuresOf(state),
  packages: [...state.packages.values()].map(one => {
    const verified = verifiedAs(one)
    return {
      package: one.planned.name,
      version: one.planned.version,
      state: one.state,
      seconds: tellingAttempt(one)?.end?.seconds,
      attempts: one.attempts.length,
      ...(verified ? {verified} : {}),
    }
  }),
})
