import type {StepResult, TargetResult} from './build-result.js'
import {hasFailed, type NativeResult, type TestCase, testName} from './tests.js'

/** What the host is called where targets have their names, also in $XBUILD_TARGET. */
export const NATIVE = 'native'

/** Steps of any target in which tests failed. */
export const stepsToCheck = (results: readonly TargetResult[]): ReadonlySet<string> =>
  new Set(results.flatMap(({steps}) => steps.filter(({tests = []}) => hasFailed(tests)).map(({step}) => step)))

/** The targets' results, each test that failed with what became of it on the host. */
export const withNative = (results: readonly TargetResult[], native: TargetResult): TargetResult[] =>
  results.map(target => ({...target, steps: target.steps.map(step => withJudged(step, test => judge(test, target.target, step, native)))}))

function withJudged(step: StepResult, judged: (test: TestCase) => NativeResult): StepResult {
  if (!step.tests) return step
  return {...step, tests: step.tests.map(test => (test.result === 'failed' ? {...test, native: judged(test)} : test))}
}

function judge(test: TestCase, target: string, {step}: StepResult, native: TargetResult): NativeResult {
  if (native.error) return unknown(native.error.message)
  const ran = native.steps.find(one => one.step === step)
  if (ran === undefined || ran.result === 'left-out' || ran.result === 'unchanged' || ran.result === 'stopped') {
    const broken = native.steps.find(one => one.result === 'failed')
    return unknown(broken?.result === 'failed' ? `its step ${broken.step} failed: ${broken.why}` : `${step} was not run`)
  }
  const name = testName(test)
  const named = (wanted: string) => ran.tests?.find(one => testName(one) === wanted)
  const found = named(name) ?? named(name.replaceAll(target, NATIVE)) // in a directory that $XBUILD_TARGET names
  switch (found?.result) {
    case undefined:
      return unknown(ran.result === 'passed' ? 'it was not run' : `it was not run: ${step} failed: ${ran.why}`)
    case 'failed':
      return {result: 'failed'}
    case 'passed':
    case 'flaky':
      return {result: 'passed'}
    case 'skipped':
    case 'expected-failure':
      return unknown('it was skipped, or expected to fail')
  }
}

const unknown = (why: string): NativeResult => ({result: 'unknown', why})

/** For people. */
export function describeNative(native: NativeResult): string {
  switch (native.result) {
    case 'failed':
      return 'it fails on the host too: the fault lies in the program, or the test'
    case 'passed':
      return 'it passes on the host: the fault lies in what the target, its environment or the emulator do otherwise'
    case 'unknown':
      return `it could not be checked on the host: ${native.why}`
  }
}
