import type {TestCase, TestOrigin, TestOutcome} from '../tests.js'

/** How many tests ended so, as a program counts them itself. */
export type Totals = Partial<Record<TestOutcome, number>>

/** More tests than anybody has: what a program prints is not to be believed. */
const MOST = 10_000_000

/**
 * The tests that a program named, and of those that it only counted, one entry for all that ended alike: what is quiet about what
 * passes still counts.
 */
export function withTotals(named: readonly TestCase[], totals: Totals, origin: TestOrigin, suite = ''): TestCase[] {
  const more = Object.entries(totals).flatMap(([outcome, total]): TestCase[] => {
    const result = outcome as TestOutcome
    const count = Math.min(total, MOST) - named.filter(test => test.result === result).length
    return count > 0 ? [{suite, name: `${count} without a name`, result, origin, count}] : []
  })
  return [...named, ...more]
}

/** Of what a failed test printed, its end: as many characters as of other test programs. */
const DETAIL = 4096

/** Lines as a test's detail; nothing where there are none. */
export function detailOf(lines: readonly string[]): {detail?: string} {
  const detail = lines.join('\n').trim().slice(-DETAIL)
  return detail === '' ? {} : {detail}
}
