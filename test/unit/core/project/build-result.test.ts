import t from 'tap'
import {outcomeOf, type StepResult} from '../../../../lib/core/project/build-result.js'
import {parseLastBuild} from '../../../../lib/core/project/last-build.js'
import {stepOutput} from '../../../../lib/core/project/step-output.js'
import {targetResult} from '../target-result.js'

const step = (result: StepResult['result']) =>
  ({step: 's', seconds: 0, result, ...(result === 'failed' ? {why: 'x', exitCode: 1} : {})}) as StepResult
const outcome = (...results: StepResult['result'][]) => outcomeOf(targetResult(results.map(step)))

t.test('a target is built only where nothing was left to do', async t => {
  t.equal(outcome('passed', 'allowed', 'unchanged'), 'built')
  t.equal(outcome('passed', 'failed', 'left-out'), 'failed')
  t.equal(outcome('passed', 'left-out'), 'stopped')
  t.equal(outcome('unchanged', 'stopped'), 'stopped')
  t.equal(outcome('left-out', 'left-out'), 'left-out')
  t.equal(outcomeOf({...targetResult([step('left-out')]), stopped: 'interrupted'}), 'stopped')
  t.equal(outcomeOf(targetResult([], {message: 'no', exitCode: 125})), 'failed')
})

t.test('of what a failed step printed, its end and the first error, harmless', async t => {
  const lines = Array.from({length: 60}, (_, i) => `line ${i}`)
  const {end, lines: count, error} = stepOutput(`${lines.join('\n')}\na.c:1: error: \u001b[31mno\u001b[0m\nlast\n`)
  t.equal(count, 62)
  t.same([end.length, end[0], end.at(-1)], [50, 'line 12', 'last'])
  t.match(error, {line: 61, text: 'a.c:1: error: no'})
  t.same(stepOutput(''), {end: [], lines: 0})
  t.ok((stepOutput('x'.repeat(100_000)).end[0] ?? '').length < 3000)
})

t.test('what is kept of a build is read back, and nothing else is taken for it', async t => {
  const last = {format: 1, environment: 'e', mode: 'hybrid', jobs: 2, steps: [{step: 'a', result: 'failed', why: 'x'}]}
  t.same(parseLastBuild(JSON.stringify(last)), last)
  for (const other of [
    '',
    '{',
    '[]',
    JSON.stringify({...last, format: 2}),
    JSON.stringify({...last, steps: [{step: 1}]}),
    JSON.stringify({...last, mode: 'x'}),
  ])
    t.equal(parseLastBuild(other), undefined, other)
})
