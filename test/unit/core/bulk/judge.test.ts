import t from 'tap'
import type {AttemptEnd, Way} from '../../../../lib/core/bulk/events.js'
import {nextStep} from '../../../../lib/core/bulk/judge.js'
import type {Policy} from '../../../../lib/core/bulk/plan.js'
import {built, failed, trouble} from '../../bulk/imitated.js'

const ALL: Policy = {retries: 1, budget: 1000, experiments: ['alone', 'native', 'emulated']}
const tried = (...ends: [Way, AttemptEnd][]) => ends.map(([way, end]) => ({way, end}))

t.test('whose fault it is follows from what passes', async t => {
  const cases: [what: string, ends: [Way, AttemptEnd][], verdict: string][] = [
    [
      'the second time',
      [
        ['hybrid', failed],
        ['alone', built],
      ],
      'flaky',
    ],
    [
      'nothing',
      [
        ['hybrid', failed],
        ['alone', failed],
        ['native', failed],
      ],
      'package',
    ],
    [
      'native alone',
      [
        ['hybrid', failed],
        ['alone', failed],
        ['native', built],
        ['emulated', failed],
      ],
      'emulator',
    ],
    [
      'native and emulated',
      [
        ['hybrid', failed],
        ['alone', failed],
        ['native', built],
        ['emulated', built],
      ],
      'twin',
    ],
    [
      'emulated, and natively it cannot be tried',
      [
        ['hybrid', failed],
        ['alone', failed],
        ['native', trouble('gone')],
        ['native', trouble('gone')],
        ['emulated', built],
      ],
      'twin',
    ],
    [
      'not emulated, and natively it cannot be tried',
      [
        ['hybrid', failed],
        ['alone', failed],
        ['native', {kind: 'blocked', seconds: 1, why: ''}],
        ['emulated', failed],
      ],
      'unclear',
    ],
  ]
  for (const [what, ends, verdict] of cases) t.match(nextStep(tried(...ends), ALL), {kind: 'judged', verdict}, what)
})

t.test('the cheapest experiment is made first', async t => {
  t.same(nextStep(tried(), ALL), {kind: 'attempt', way: 'hybrid'})
  t.same(nextStep(tried(['hybrid', failed]), ALL), {kind: 'attempt', way: 'alone'})
  t.same(nextStep(tried(['hybrid', failed], ['alone', failed]), ALL), {kind: 'attempt', way: 'native'})
  t.same(nextStep(tried(['hybrid', failed], ['alone', failed], ['native', built]), ALL), {kind: 'attempt', way: 'emulated'})
})

t.test('what would cost more than the budget is not tried, and that is said', async t => {
  const slow: AttemptEnd = {...failed, seconds: 200}
  const policy = {...ALL, budget: 500}
  t.same(nextStep(tried(['hybrid', slow], ['alone', slow]), policy), {kind: 'attempt', way: 'native'})
  const step = nextStep(tried(['hybrid', slow], ['alone', slow], ['native', {...built, seconds: 100}]), policy)
  t.match(step, {kind: 'judged', verdict: 'unclear', why: /passes natively/})
  const none = nextStep(tried(['hybrid', {...failed, seconds: 1364}]), policy)
  t.match(none, {verdict: 'unclear', why: 'to try it again alone would take about 23 min, and 9 min of the budget are left'})
})

t.test('trouble is never counted as the failure of a package', async t => {
  for (const passing of [trouble('away'), trouble('busy')]) {
    const many = Array.from({length: 50}, (): [Way, AttemptEnd] => ['hybrid', passing])
    t.same(nextStep(tried(...many), ALL), {kind: 'attempt', way: 'hybrid'})
  }
  t.same(nextStep(tried(['hybrid', trouble('gone')]), ALL), {kind: 'attempt', way: 'hybrid'})
  t.match(nextStep(tried(['hybrid', trouble('gone')], ['hybrid', trouble('gone')]), ALL), {verdict: 'infrastructure', why: 'gone'})
  t.same(nextStep(tried(['hybrid', trouble('gone')], ['hybrid', built]), ALL), {kind: 'built'})
})

t.test('a known reason says whose fault it is where it fails natively too', async t => {
  const numa: AttemptEnd = {...failed, reason: 'numa'}
  const faultOf = (reason: string | undefined) => (reason === 'numa' ? ('sandbox' as const) : undefined)
  t.match(nextStep(tried(['hybrid', numa], ['alone', numa], ['native', numa]), ALL, faultOf), {verdict: 'sandbox'})
})

t.test('what fails here alone is built without its tests where others need it, once', async t => {
  const failing: [Way, AttemptEnd][] = [
    ['hybrid', failed],
    ['alone', failed],
    ['native', built],
    ['emulated', failed],
  ]
  const step = (...more: [Way, AttemptEnd][]) => nextStep(tried(...failing, ...more), ALL, undefined, {by: 'others'})
  t.same(step(), {kind: 'attempt', way: 'untested'})
  t.same(step(['untested', {kind: 'interrupted', seconds: 1}]), {kind: 'attempt', way: 'untested'})
  t.match(step(['untested', built]), {verdict: 'emulator', why: /; what needs it has it built without its tests$/})
  t.match(step(['untested', failed]), {verdict: 'emulator', why: /passes natively: the emulator, or the port$/})
  t.match(nextStep(tried(...failing), ALL, undefined, {by: 'nobody'}), {kind: 'judged', verdict: 'emulator'})
  const natively = tried(['hybrid', failed], ['alone', failed], ['native', failed])
  t.match(nextStep(natively, ALL, undefined, {by: 'others'}), {kind: 'judged', verdict: 'package'})
})
