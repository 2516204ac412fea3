import t from 'tap'
import type {StepResult} from '../../../../lib/core/project/build-result.js'
import {describeNative, stepsToCheck, withNative} from '../../../../lib/core/project/native-tests.js'
import type {TestCase} from '../../../../lib/core/project/tests.js'
import {targetResult, testCase} from '../target-result.js'

const FAILED = {seconds: 1, result: 'failed', why: 'it ended with 2', exitCode: 2} as const
const step = (tests: readonly TestCase[]): StepResult => ({step: 'test', ...FAILED, tests})

/** What is said of tests that failed on the target, where the host has these results. */
const judged = (names: readonly string[], native: Parameters<typeof targetResult>) => {
  const [result] = withNative([targetResult([step(names.map(name => testCase(name, 'failed')))])], targetResult(...native))
  return result?.steps[0]?.tests?.map(test => test.native)
}

t.test('the steps to look at are those with tests that failed', async t => {
  const results = [
    targetResult([{step: 'build', seconds: 1, result: 'passed'}, step([testCase('a', 'failed')])]),
    targetResult([{step: 'build', ...FAILED}]),
    targetResult([{step: 'other', seconds: 1, result: 'passed', tests: [testCase('a', 'flaky')]}]),
  ]
  t.same([...stepsToCheck(results)], ['test'])
})

t.test('a test fails on the host too, or passes there', async t => {
  const host = step([testCase('a', 'failed'), testCase('b', 'passed'), testCase('c', 'flaky'), testCase('d', 'skipped')])
  t.match(judged(['a', 'b', 'c', 'd', 'e'], [[host]]), [
    {result: 'failed'},
    {result: 'passed'},
    {result: 'passed'},
    {result: 'unknown', why: /skipped/},
    {result: 'unknown', why: 'it was not run: test failed: it ended with 2'},
  ])
})

t.test("names have the target's name where $XBUILD_TARGET names a directory", async t => {
  const host = step([testCase('build-native/arm64', 'failed'), testCase('arm64', 'passed')])
  t.match(judged(['build-arm64/arm64', 'arm64'], [[host]]), [{result: 'unknown'}, {result: 'passed'}])
  t.match(judged(['build-arm64/a'], [[step([testCase('build-native/a', 'failed')])]]), [{result: 'failed'}])
})

t.test('why a test could not be checked is said', async t => {
  const broken: StepResult = {step: 'configure', ...FAILED}
  const left: StepResult = {step: 'test', seconds: 0, result: 'left-out'}
  t.match(judged(['a'], [[broken, left]]), [{result: 'unknown', why: 'its step configure failed: it ended with 2'}])
  t.match(judged(['a'], [[], {message: 'no space', exitCode: 125}]), [{result: 'unknown', why: 'no space'}])
  t.equal(describeNative({result: 'unknown', why: 'no space'}), 'it could not be checked on the host: no space')
})

t.test('what passed is left alone', async t => {
  const results = [targetResult([step([testCase('a', 'passed'), testCase('b', 'flaky')])])]
  t.same(withNative(results, targetResult([])), results)
})
