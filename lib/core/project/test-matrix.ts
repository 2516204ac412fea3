import type {TargetResult} from './build-result.js'
import {type TestCase, type TestOutcome, testName} from './tests.js'

/** A test of a project, and how it ended on each target that ran it. */
export interface MatrixRow {
  step: string
  name: string
  labels: readonly string[]
  /** By the targets' names. */
  cells: ReadonlyMap<string, TestCase>
}

/** The worse first: what a row of several results is sorted by. */
const ORDER: readonly TestOutcome[] = ['failed', 'flaky', 'skipped', 'expected-failure', 'passed']

const rank = ({cells}: MatrixRow) => Math.min(...[...cells.values()].map(({result}) => ORDER.indexOf(result)))

/** All tests of all targets, those that failed anywhere first, else in their order. Names that hold the target's are one test. */
export function testMatrix(results: readonly TargetResult[]): MatrixRow[] {
  const rows = new Map<string, {step: string; name: string; labels: readonly string[]; cells: Map<string, TestCase>}>()
  for (const {target, steps} of results) {
    const counts = new Map<string, number>()
    for (const {step, tests = []} of steps) {
      for (const test of tests) {
        const name = testName(test)
        const alike = `${step}\0${name.replaceAll(target, '*')}`
        const count = (counts.get(alike) ?? 0) + 1 // programs may give one name to several tests
        counts.set(alike, count)
        const key = `${alike}\0${count}`
        const row = rows.get(key) ?? {step, name, labels: test.labels ?? [], cells: new Map()}
        rows.set(key, row)
        row.cells.set(target, test)
      }
    }
  }
  return [...rows.values()].sort((a, b) => rank(a) - rank(b))
}

/** Whether a test has passed wherever it ran. */
export const passedEverywhere = (row: MatrixRow) => rank(row) === ORDER.indexOf('passed')
