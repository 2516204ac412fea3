import type {TargetResult} from '../../../lib/core/project/build-result.js'
import type {TestCase} from '../../../lib/core/project/tests.js'

/** What a target's steps gave; nothing but these, and why it ended before them, matters to the tests. */
export const targetResult = (steps: TargetResult['steps'], error?: TargetResult['error']): TargetResult => ({
  target: 'arm64',
  environment: 'arm64-1',
  steps,
  artifacts: [],
  seconds: 1,
  ...(error ? {error} : {}),
})

/** A test of a program that printed TAP; nothing but what is given matters. */
export const testCase = (name: string, result: TestCase['result'], more: Partial<TestCase> = {}): TestCase => ({
  suite: '',
  name,
  result,
  origin: {kind: 'tap'},
  ...more,
})
