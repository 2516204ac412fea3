import {printable} from '../core/printable.js'
import {OUTCOMES, outcomeOf, type StepResult, type TargetResult} from '../core/project/build-result.js'
import {describeNative} from '../core/project/native-tests.js'
import {countLabels, countTests, type NativeResult, type TestCase, type TestOutcome, testName} from '../core/project/tests.js'

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
      OUTCOMES[outcomeOf(result)],
    ]),
  ]
}

function cell(result: StepResult | undefined): string {
  if (!result || result.result === 'left-out') return '–'
  const seconds = `${result.seconds.toFixed(1)} s${result.tests ? `, ${describeTests(result.tests)}` : ''}`
  switch (result.result) {
    case 'unchanged':
      return 'unchanged'
    case 'passed':
      return seconds
    case 'failed':
      return `failed, ${seconds}`
    case 'allowed':
      return `may fail, ${seconds}`
    case 'stopped':
      return `stopped, ${seconds}`
  }
}

/** `60 of 61 passed`, of the tests that were not skipped. */
export function describeTests(tests: readonly TestCase[]): string {
  const {passed, failed, flaky, skipped, 'expected-failure': expected} = countTests(tests)
  const native = (result: NativeResult['result']) => tests.filter(test => test.native?.result === result).length
  const others: [number, string][] = [
    [flaky, 'when run again'],
    [native('failed'), 'failed on the host too'],
    [native('passed'), 'passed on the host'],
    [native('unknown'), 'could not be checked there'],
    [skipped, 'skipped'],
    [expected, 'expected to fail'],
  ]
  const there = others.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []))
  return [`${passed + flaky} of ${passed + flaky + failed} passed`, ...there].join(', ')
}

/** Of tests that have labels, how those of each ended. */
export const labelLines = ({tests = []}: StepResult): string[] =>
  [...countLabels(tests)].map(
    ([label, {passed, failed, flaky}]) => `label ${printable(label)}: ${passed + flaky} of ${passed + flaky + failed} passed`,
  )

/** The tests of a step that ended so. */
/** Whether a step failed whose tests say which: the program's fault, the target's or the emulator's. */
export const failedByTests = ({steps}: TargetResult) => steps.some(step => step.result === 'failed' && testsThat(step, 'failed').length > 0)

export const testsThat = (result: StepResult, outcome: TestOutcome) => (result.tests ?? []).filter(({result: one}) => one === outcome)

/** For people, a line for each test that failed and was looked at on the host. */
export const nativeLines = (results: readonly TargetResult[]): string[] =>
  results.flatMap(({target, steps}) =>
    steps
      .flatMap(step => testsThat(step, 'failed'))
      .flatMap(test => (test.native ? [`${target}: ${testName(test)}: ${describeNative(test.native)}`] : [])),
  )
