import t from 'tap'
import {
  geometricMean,
  isEnough,
  meanRatios,
  parseBenchModes,
  parseRuns,
  ratiosOf,
  spread,
  summarize,
  type Usage,
} from '../../../lib/core/bench.js'
import {quoteWord} from '../../../lib/core/shell-words.js'
import {refusal} from '../refusal.js'

const took = (wallSeconds: number): Usage => ({wallSeconds, cpuSeconds: 2 * wallSeconds, peakBytes: 1000})

/** As measured once. */
const measured = (...walls: number[]) => summarize(walls.map(took))

t.test('the median is the middle one, or between the two in the middle; the order does not matter', async t => {
  t.same(spread([5]), {median: 5, min: 5, max: 5})
  t.same(spread([9, 1, 4]), {median: 4, min: 1, max: 9})
  t.same(spread([10, 1, 4, 2]), {median: 3, min: 1, max: 10})
  t.same(spread([10, 9, 100]), {median: 10, min: 9, max: 100}) // as numbers, not as text
})

t.test('each figure of a build has its own median, and the runs are kept', async t => {
  const runs = [
    {wallSeconds: 3, cpuSeconds: 1, peakBytes: 30},
    {wallSeconds: 1, cpuSeconds: 3, peakBytes: 20},
    {wallSeconds: 2, cpuSeconds: 2, peakBytes: 10},
  ]
  t.match(summarize(runs), {kind: 'measured', runs, wallSeconds: {median: 2}, cpuSeconds: {median: 2}, peakBytes: {median: 20, max: 30}})
})

t.test('ratios are over all emulated and against native, of the medians', async t => {
  const modes = {native: measured(10), hybrid: measured(12, 20, 400), emulated: measured(200)}
  t.same(ratiosOf(modes), {
    native: {overEmulated: 20, againstNative: 1},
    hybrid: {overEmulated: 10, againstNative: 2},
    emulated: {overEmulated: 1, againstNative: 20},
  })
})

t.test('a mode that was skipped or not asked for has no ratio, and is no base of one', async t => {
  const modes = {native: {kind: 'skipped', reason: 'the host has no cmake'} as const, hybrid: measured(5)}
  t.same(ratiosOf(modes), {hybrid: {}})
  t.same(ratiosOf({...modes, emulated: measured(50)}).hybrid, {overEmulated: 10})
})

t.test('the mean of ratios is the geometric one', async t => {
  t.equal(geometricMean([]), undefined)
  t.equal(geometricMean([4])?.toFixed(9), '4.000000000')
  t.equal(geometricMean([2, 8])?.toFixed(9), '4.000000000')
  t.equal(geometricMean([0.1, 10])?.toFixed(9), '1.000000000')
})

t.test('means are over the packages that have the ratio', async t => {
  const means = meanRatios([
    {ratios: {hybrid: {overEmulated: 2, againstNative: 1}}},
    {ratios: {hybrid: {overEmulated: 8}, cross: {}}},
    {ratios: {}},
  ])
  t.same(Object.keys(means), ['hybrid'])
  t.equal(means.hybrid?.overEmulated?.toFixed(6), '4.000000')
  t.equal(means.hybrid?.againstNative?.toFixed(6), '1.000000')
})

t.test('a long emulated build is measured once, unless more is asked for; others always as often as asked', async t => {
  const once = {runs: 3, emulatedRuns: undefined}
  t.notOk(isEnough('emulated', [], once))
  t.notOk(isEnough('emulated', [took(60)], once))
  t.ok(isEnough('emulated', [took(61)], once))
  t.notOk(isEnough('emulated', [took(61)], {...once, emulatedRuns: 2}))
  t.ok(isEnough('emulated', [took(1)], {...once, emulatedRuns: 1}))
  t.notOk(isEnough('hybrid', [took(1000), took(1000)], once))
  t.ok(isEnough('native', [took(1), took(1), took(1)], {...once, emulatedRuns: 5}))
})

t.test('modes are taken in the order of a round, each once; an unknown one is refused', async t => {
  t.same(parseBenchModes(undefined), ['native', 'hybrid', 'cross', 'emulated'])
  t.same(parseBenchModes('emulated,native,emulated'), ['native', 'emulated'])
  t.throws(() => parseBenchModes('hybrid,fast'), refusal('usage', {message: /"fast"/, hint: /native,hybrid,cross,emulated/}))
  t.throws(() => parseBenchModes(''), refusal('usage'))
})

t.test('a number of runs is a whole one from 1 on', async t => {
  t.equal(parseRuns('--runs', '12'), 12)
  for (const text of ['0', '-1', '1.5', 'three', '', '1e3', '99999'])
    t.throws(() => parseRuns('--runs', text), refusal('usage', {message: /^--runs /}), text)
})

t.test('a word is quoted for a shell where it has to be', async t => {
  t.same(['make', '--runs=3', 'a b', "it's", '$(x)', ''].map(quoteWord), ['make', '--runs=3', "'a b'", "'it'\\''s'", "'$(x)'", "''"])
})
