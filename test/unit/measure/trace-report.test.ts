import t from 'tap'
import {makeLedger} from '../../../lib/core/trace/ledger.js'
import {buildSpans} from '../../../lib/core/trace/spans.js'
import {describeStats, describeTime, reportTrace} from '../../../lib/measure/trace-report.js'
import {end, exec, finish, HEADER, NO_ROUTE, ROUTED} from '../core/traces.js'

const PRELOADED = {kind: 'variable', variable: 'LD_PRELOAD=/usr/lib/x.so'} as const

const events = [
  exec(0, 2, 0, '/usr/bin/make'),
  ...[3, 4, 5].flatMap(pid => [exec(pid, pid, 2, `/usr/bin/slow-${pid}`, NO_ROUTE), end(pid + 1, pid)]),
  exec(10, 9, 2, '/usr/bin/perl', PRELOADED, ['perl', 'a.pl']),
  end(12_010, 9),
  exec(12_020, 8, 2, '/usr/bin/sed', ROUTED),
  end(12_030, 8),
  end(12_100, 2),
  finish(12_100),
]
const ledger = makeLedger(HEADER, buildSpans(events))

t.test('the numbers at the end of a run are five lines at most', async t => {
  t.same(describeStats(HEADER, ledger).slice(0, 4), [
    "6 execs in 12.1 s; 33.3 % of the execs of the distribution's programs ran native",
    'native: 2 execs, 97 ms',
    "emulated, of the distribution: 4 execs, 12.0 s; emulated, the build's own programs: 0 execs, 0.0 ms",
    '/usr/bin/perl: 1 exec, 12.0 s emulated (variable LD_PRELOAD: x.so); its twin would save about 11.0 s: build without that variable',
  ])
  t.ok(describeStats(HEADER, ledger).length <= 5)
  t.equal(describeStats(HEADER, makeLedger(HEADER, buildSpans([]))).length, 3)
})

t.test('the report names scripts, and the reason in each row', async t => {
  const report = reportTrace(HEADER, ledger)
  t.same(report.next, [
    '/usr/bin/perl: 1 exec, 12.0 s emulated (variable LD_PRELOAD: x.so); its twin would save about 11.0 s: build without that variable',
    '  a.pl: 1 exec, 12.0 s',
  ])
  t.same(report.ledger[1], ['/usr/bin/perl', '', '', '1', '12.0 s', 'variable LD_PRELOAD: x.so'])
  t.ok(report.ledger.every(row => row.length === 6))
})

t.test('a share is rounded down: 100 % means all', async t => {
  const many = Array.from({length: 2000}, (_, i) => [
    exec(i, i + 2, 0, '/usr/bin/sed', i === 0 ? NO_ROUTE : ROUTED),
    end(i + 0.5, i + 2),
  ]).flat()
  t.match(describeStats(HEADER, makeLedger(HEADER, buildSpans(many)))[0], '99.9 %')
})

t.test('a trace that was cut off says so', async t => {
  t.match(reportTrace(HEADER, makeLedger(HEADER, buildSpans(events.slice(0, -1)))).facts.at(-1), /cut off/)
})

t.test('times have as many digits as help', async t => {
  t.same([0.04, 9.94, 10, 999, 1000, 9999, 31_000, 150_400].map(describeTime), [
    '0.0 ms',
    '9.9 ms',
    '10 ms',
    '999 ms',
    '1.00 s',
    '10.00 s',
    '31.0 s',
    '150 s',
  ])
})
