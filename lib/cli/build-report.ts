import type {StepResult, TargetResult} from '../core/build-result.js'
import {isFailed} from '../core/build-result.js'
import {countTests, type TestCase, testName} from '../core/tests.js'

/** Target × step: how each ended, and how long it took. */
export function resultTable(results: readonly TargetResult[]): string[][] {
  const steps = results[0]?.steps.length ? results[0].steps : (results.find(({steps}) => steps.length > 0)?.steps ?? [])
  const names = steps.map(({step}) => step)
  return [
    ['TARGET', ...names.map(name => name.toUpperCase()), 'ARTIFACTS', 'TIME', 'RESULT'],
    ...results.map(result => [
      result.target,
      ...names.map(name => cell(result.steps.find(({step}) => step === name))),
      result.artifacts.length > 0 ? String(result.artifacts.length) : '–',
      `${result.seconds.toFixed(1)} s`,
      outcome(result),
    ]),
  ]
}

function outcome(result: TargetResult): string {
  if (isFailed(result)) return 'failed'
  return result.steps.every(({result: one}) => one === 'left-out') ? 'left out' : 'built'
}

function cell(result: StepResult | undefined): string {
  if (!result || result.result === 'left-out') return '–'
  const seconds = `${result.seconds.toFixed(1)} s${result.tests ? `, ${describeTests(result.tests)}` : ''}`
  switch (result.result) {
    case 'passed':
      return seconds
    case 'failed':
      return `failed, ${seconds}`
    case 'allowed':
      return `may fail, ${seconds}`
  }
}

/** `60 of 61 passed`, of the tests that were not skipped. */
export function describeTests(tests: readonly TestCase[]): string {
  const {passed, failed, skipped, 'expected-failure': expected} = countTests(tests)
  const others = [...(skipped > 0 ? [`${skipped} skipped`] : []), ...(expected > 0 ? [`${expected} expected to fail`] : [])]
  return [`${passed} of ${passed + failed} passed`, ...others].join(', ')
}

/** The names of the tests that failed. */
export const failedTests = (result: StepResult) => (result.tests ?? []).filter(({result: one}) => one === 'failed').map(testName)
