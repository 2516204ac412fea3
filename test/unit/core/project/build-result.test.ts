import t from 'tap'
import {exitCodeOf, type StepResult} from '../../../../lib/core/project/build-result.js'
import {targetResult} from '../target-result.js'

const passed: StepResult = {step: 'build', seconds: 1, result: 'passed'}
const failed: StepResult = {step: 'test', seconds: 1, result: 'failed', why: 'it ended with 2', exitCode: 2}
const allowed: StepResult = {...failed, result: 'allowed'}

t.test('0 where all is built, also with a step that may fail', async t => {
  t.equal(exitCodeOf([targetResult([passed]), targetResult([passed, allowed])]), 0)
})

t.test('1 where a step failed', async t => {
  t.equal(exitCodeOf([targetResult([passed]), targetResult([passed, failed])]), 1)
})

t.test("the error's own where something else went wrong", async t => {
  t.equal(exitCodeOf([targetResult([failed]), targetResult([], {message: 'no space', exitCode: 125})]), 125)
})
