import t from 'tap'
import {mergeAlone, mergeRuns, testsToRepeat} from '../../../../lib/core/project/test-again.js'
import type {TestCase} from '../../../../lib/core/project/tests.js'
import {testCase} from '../target-result.js'

const shown = (tests: readonly TestCase[]) => tests.map(({name, result}) => `${name}=${result}`)

t.test('tests of one file are run together; those that nobody can run alone are left', async t => {
  const of = (file: string) => ({origin: {kind: 'automake', file} as const})
  const {alone, left} = testsToRepeat([
    testCase('1 - a', 'failed', of('x.trs')),
    testCase('2 - b', 'failed', of('x.trs')),
    testCase('3 - c', 'passed', of('x.trs')),
    testCase('y', 'failed', of('y.trs')),
    testCase('z', 'failed'),
  ])
  t.same([...alone.values()].map(shown), [['1 - a=failed', '2 - b=failed'], ['y=failed']])
  t.same(shown(left), ['z=failed'])
})

const FIRST = [
  testCase('good', 'passed'),
  testCase('now and then', 'failed', {detail: 'at first'}),
  testCase('bad', 'failed'),
  testCase('not run', 'failed'),
]

t.test('run alone, what passes is flaky and keeps what it printed; what else was run with it does not count', async t => {
  const merged = mergeAlone(FIRST, [
    testCase('good', 'failed'),
    testCase('now and then', 'passed', {detail: 'then'}),
    testCase('bad', 'skipped'),
    testCase('new', 'failed'),
  ])
  t.same(shown(merged), ['good=passed', 'now and then=flaky', 'bad=failed', 'not run=failed'])
  t.equal(merged[1]?.detail, 'at first')
})

t.test('of two whole runs the later counts, with what only it ran', async t => {
  const merged = mergeRuns(mergeAlone(FIRST, [testCase('now and then', 'passed'), testCase('bad', 'passed')]), [
    testCase('good', 'failed'),
    testCase('now and then', 'passed'),
    testCase('bad', 'failed', {detail: 'again'}),
    testCase('new', 'passed'),
  ])
  t.same(shown(merged), ['good=failed', 'now and then=flaky', 'bad=failed', 'not run=failed', 'new=passed'])
  t.equal(merged[2]?.detail, 'again')
})

t.test('tests of one name are told apart by their order', async t => {
  const twice = [testCase('x', 'passed'), testCase('x', 'failed')]
  t.same(shown(mergeRuns(twice, [testCase('x', 'passed'), testCase('x', 'passed')])), ['x=passed', 'x=flaky'])
})
