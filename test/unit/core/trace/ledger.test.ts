import t from 'tap'
import type {Outcome, TraceEvent} from '../../../../lib/core/trace/format.js'
import {describeReason, makeLedger, originOf, scriptOf} from '../../../../lib/core/trace/ledger.js'
import {buildSpans} from '../../../../lib/core/trace/spans.js'
import {end, exec, finish, HEADER, NO_ROUTE, ROUTED} from '../traces.js'

/** Programs one after the other, each `ms` long. */
function sequence(...programs: readonly (readonly [program: string, ms: number, outcome: Outcome, ...words: string[]])[]): TraceEvent[] {
  let at = 0
  const events = programs.flatMap(([program, ms, outcome, ...words], i) => {
    const started = exec(at, i + 2, 1, program, outcome, [program, ...words])
    at += ms
    return [started, end(at, i + 2)]
  })
  return [...events, finish(at)]
}

const ledger = (events: readonly TraceEvent[], isNever?: (program: string) => boolean) => makeLedger(HEADER, buildSpans(events), isNever)

const mixed = sequence(
  ['/usr/bin/sed', 2, ROUTED],
  ['/usr/bin/perl', 120, NO_ROUTE, '/usr/bin/autom4te', '--help'],
  ['/usr/bin/perl', 60, NO_ROUTE, '-w', '-e', 'print'],
  ['/usr/bin/sed', 24, {kind: 'variable', variable: 'LD_PRELOAD=x.so'}],
  ['/home/me/conftest', 30, NO_ROUTE],
)

t.test('the sums are those of native, emulated and own programs', async t => {
  t.match(ledger(mixed), {
    state: 'complete',
    duration: 236,
    native: {execs: 1, time: 2},
    emulated: {execs: 3, time: 204},
    own: {execs: 1, time: 30},
    share: 0.25,
  })
})

t.test('each program has a row, the costliest first', async t => {
  const {rows} = ledger(mixed)
  t.match(rows, [
    {program: '/usr/bin/perl', origin: 'distribution', native: {execs: 0}, emulated: {execs: 2, time: 180}},
    {program: '/home/me/conftest', origin: 'own', emulated: {execs: 1, time: 30}},
    {program: '/usr/bin/sed', native: {execs: 1, time: 2}, emulated: {execs: 1, time: 24}},
  ])
  t.same(
    rows[0]?.scripts.map(({script, time}) => [script, time]),
    [
      ['/usr/bin/autom4te', 120],
      ['-e …', 60],
    ],
  )
})

t.test('what to route next is ordered by what it saves, with the reason that costs most', async t => {
  const {suggestions} = ledger(mixed)
  t.match(suggestions, [
    {program: '/usr/bin/perl', execs: 2, time: 180, reason: {kind: 'no-route'}},
    {program: '/usr/bin/sed', execs: 1, time: 24, reason: {kind: 'variable', variable: 'LD_PRELOAD=x.so'}},
  ])
  t.equal(suggestions.length, 2, 'none of the own programs')
  t.same(
    suggestions.map(({saving}) => Math.round(saving)),
    [165, 22],
  )
})

t.test('a program that is never routed is not suggested', async t => {
  const found = ledger(mixed, program => program === '/usr/bin/perl')
  t.same(
    found.suggestions.map(({program}) => program),
    ['/usr/bin/sed'],
  )
  t.equal(found.rows[0]?.routing, 'never')
})

t.test('in mode emulated nothing is suggested: no route says nothing there', async t => {
  t.same(makeLedger({...HEADER, mode: 'emulated'}, buildSpans(mixed)).suggestions, [])
})

t.test('an empty trace is an empty ledger', async t => {
  t.match(ledger([]), {state: 'cut-off', duration: 0, share: undefined, rows: [], suggestions: []})
})

t.test("programs below the directories of the system are the distribution's", async t => {
  for (const path of ['/usr/bin/sed', '/bin/sh', '/sbin/x', '/usr/lib/gcc/x/12/cc1', '/lib/x', '/lib64/ld.so', '/opt/x/y'])
    t.equal(originOf(path), 'distribution', path)
  for (const path of ['/usr/local/bin/x', '/root/conftest', '/home/usr/bin/x', '/tmp/x (deleted)', '/library/x', 'x', ''])
    t.equal(originOf(path), 'own', path)
})

t.test("an interpreter's script is told from its options", async t => {
  const perl = '/usr/bin/perl'
  t.equal(scriptOf(perl, ['perl', '-w', '/usr/bin/automake', '--add']), '/usr/bin/automake')
  t.equal(scriptOf(perl, ['perl', '-pe', 's/a/b/']), '-pe …')
  t.equal(scriptOf('/usr/bin/python3.11', ['python3', 'setup.py']), 'setup.py')
  t.equal(scriptOf('/usr/bin/dash', ['sh', '-c', 'echo']), '-c …')
  t.equal(scriptOf('/usr/bin/mawk', ['awk', '{ print $1 }']), '(inline)')
  t.equal(scriptOf('/usr/bin/bash', ['bash']), '(standard input)')
  t.equal(scriptOf('/usr/bin/sed', ['sed', 'x']), undefined)
})

t.test('of the variables that made a program emulated, LD_PRELOAD is told with its libraries', async t => {
  const reason = (variable: string) => describeReason({kind: 'variable', variable})
  t.equal(reason('LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1 liba.so:'), 'variable LD_PRELOAD: libfaketime.so.1, liba.so')
  t.equal(reason('GCONV_PATH=/some/where'), 'variable GCONV_PATH')
})
