import type {PackageState, RunState} from './state.js'

export interface Estimate {
  /** Seconds until all is done; undefined where nothing has ended yet to judge by. */
  all: number | undefined
  /** How many times as long as expected builds take in this run. */
  factor: number | undefined
}

/** What is left of a build that has run for so long. */
export const leftOf = (expected: number, elapsed: number, factor: number): number => Math.max(expected * factor - elapsed, elapsed * 0.1)

/**
 * When a run will be done, by how long its builds took against what was expected. `elapsed`: seconds that those have run which are
 * being built.
 */
export function estimate(state: RunState, elapsed: ReadonlyMap<string, number>, slots: number): Estimate {
  let [expected, took] = [0, 0]
  for (const {planned, attempts} of state.packages.values()) {
    const end = attempts.find(({way, end}) => way === 'hybrid' && (end?.kind === 'built' || end?.kind === 'failed'))?.end
    if (!end) continue
    expected += planned.expected
    took += end.seconds
  }
  if (expected === 0) return {all: undefined, factor: undefined}
  const factor = took / expected
  let [work, longest] = [0, 0]
  for (const one of state.packages.values()) {
    const left = leftFor(one, elapsed.get(one.planned.name) ?? 0, factor)
    work += left
    longest = Math.max(longest, left)
  }
  return {all: Math.max(work / Math.max(slots, 1), longest), factor}
}

function leftFor({planned, state}: PackageState, elapsed: number, factor: number): number {
  switch (state) {
    case 'queued':
    case 'judging':
      return planned.expected * factor
    case 'building':
      return leftOf(planned.expected, elapsed, factor)
    default:
      return 0
  }
}
