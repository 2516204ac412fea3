import t from 'tap'
import type {TestCase} from '../../../lib/core/project/tests.js'
import {type AgainEvent, runAgain} from '../../../lib/project/run-again.js'
import type {ScriptEnd} from '../../../lib/session/run-script.js'

/** One of prove's files, which can be run alone, or one that only its program can run. */
const test = (name: string, result: TestCase['result'], kind: 'prove' | 'tap' = 'prove'): TestCase => ({
  suite: '',
  name,
  result,
  origin: {kind},
})

const passed = (...tests: TestCase[]): ScriptEnd => ({seconds: 1, end: {kind: 'passed'}, left: 'in-peace', tests})
const failed = (...tests: TestCase[]): ScriptEnd => ({
  seconds: 1,
  end: {kind: 'failed', why: 'it ended with 1', exitCode: 1},
  left: 'in-peace',
  tests,
})

const SCRIPT = 'make check'

/** Runs a script again whose runs end so, in this order; says what was run, `alone` for a test's own script, and what was told. */
async function again(first: ScriptEnd, times: number, ends: readonly ScriptEnd[], signal = new AbortController().signal) {
  const runs: string[] = []
  const told: AgainEvent[] = []
  const left = [...ends]
  const ended = await runAgain(SCRIPT, first, {
    times,
    signal,
    tell: event => void told.push(event),
    run: async script => {
      runs.push(script === SCRIPT ? 'script' : 'alone')
      const end = left.shift()
      if (!end) throw new Error('nobody was to run it once more')
      return end
    },
  })
  t.same(left, [], 'all of them were run')
  return {ended, runs, told}
}

const results = ({tests}: ScriptEnd) => Object.fromEntries(tests.map(({name, result}) => [name, result]))

t.test('a script that passed, or whose tests are not to be run again, is not', async t => {
  t.same((await again(passed(test('a.t', 'passed')), 3, [])).runs, [])
  const first = failed(test('a.t', 'failed'))
  t.same(await again(first, 0, []), {ended: first, runs: [], told: []})
  const elsewhere = failed(test('a.t', 'passed'))
  t.same((await again(elsewhere, 3, [])).ended, elsewhere, 'it failed by something else')
})

t.test('a test that passes alone is flaky, and the script is run once more: that decides', async t => {
  const first = failed(test('a.t', 'failed'), test('b.t', 'passed'))
  const {ended, runs, told} = await again(first, 3, [passed(test('a.t', 'passed')), passed(test('a.t', 'passed'), test('b.t', 'passed'))])
  t.same(runs, ['alone', 'script'])
  t.same(told, [{kind: 'test-again', tests: ['a.t']}, {kind: 'script-again'}])
  t.same(ended.end, {kind: 'passed'})
  t.same(results(ended), {'a.t': 'flaky', 'b.t': 'passed'})
  t.equal(ended.seconds, 3, 'all its runs')
})

t.test('a script that fails though all its tests have passed has failed', async t => {
  const {ended, runs} = await again(failed(test('a.t', 'failed')), 1, [passed(test('a.t', 'passed')), failed(test('a.t', 'passed'))])
  t.same(runs, ['alone', 'script'])
  t.equal(ended.end.kind, 'failed')
  t.same(results(ended), {'a.t': 'flaky'})
})

t.test('one that goes on failing has its turns, and no more; the script is not run again for it', async t => {
  const once = failed(test('a.t', 'failed'))
  const {ended, runs} = await again(once, 3, [once, once, once])
  t.same(runs, ['alone', 'alone', 'alone'])
  t.same(ended.end, once.end)
  t.same(results(ended), {'a.t': 'failed'})
  t.equal(ended.seconds, 4)
})

t.test('what fails only in the second run of the script is run alone in its turn', async t => {
  const ends = [
    passed(test('a.t', 'passed')),
    failed(test('a.t', 'passed'), test('b.t', 'failed')),
    passed(test('b.t', 'passed')),
    passed(test('a.t', 'passed'), test('b.t', 'passed')),
  ]
  const {ended, runs} = await again(failed(test('a.t', 'failed')), 2, ends)
  t.same(runs, ['alone', 'script', 'alone', 'script'])
  t.same(ended.end, {kind: 'passed'})
  t.same(results(ended), {'a.t': 'flaky', 'b.t': 'flaky'})
})

t.test('a test that nobody knows how to run alone is told, and the script with it not run again', async t => {
  const first = failed(test('a.t', 'failed'), test('whole', 'failed', 'tap'))
  const {ended, runs, told} = await again(first, 1, [passed(test('a.t', 'passed'))])
  t.same(runs, ['alone'])
  t.same(told, [
    {kind: 'not-alone', tests: ['whole']},
    {kind: 'test-again', tests: ['a.t']},
  ])
  t.same(results(ended), {'a.t': 'flaky', whole: 'failed'})
  t.equal(ended.end.kind, 'failed')
})

t.test('nothing is repeated of what was told to end, or had to be killed, nor after an interruption', async t => {
  const tests = [test('a.t', 'failed')]
  const asked: ScriptEnd = {...failed(...tests), end: {kind: 'asked', why: 'it took longer than 1 s', exitCode: 143}}
  t.same((await again(asked, 3, [])).runs, [])
  t.same((await again({...failed(...tests), left: 'killed'}, 3, [])).runs, [])
  t.same((await again(failed(...tests), 3, [], AbortSignal.abort())).runs, [])
})

t.test('a test that had to be killed when it was run alone ends all of it, as it ended', async t => {
  const killed: ScriptEnd = {...failed(), end: {kind: 'asked', why: 'it took longer than 1 s', exitCode: 137}, left: 'killed'}
  const {ended, runs} = await again(failed(test('a.t', 'failed'), test('b.t', 'failed')), 3, [killed])
  t.same(runs, ['alone'])
  t.equal(ended.left, 'killed')
  t.same(ended.end, killed.end)
})
