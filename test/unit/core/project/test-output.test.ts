import t from 'tap'
import {parseResultFile} from '../../../../lib/core/project/test-files.js'
import {parseTestOutput} from '../../../../lib/core/project/test-output.js'
import {countTests, testName} from '../../../../lib/core/project/tests.js'

const results = (output: string) => parseTestOutput(output).map(test => `${testName(test)}=${test.result}`)

t.test("automake's .trs files", async t => {
  t.same(parseResultFile('tests/a.trs', ':test-result: PASS\n:global-test-result: PASS\n:recheck: no\n:copy-in-global-log: no\n'), [
    {suite: '', name: 'tests/a', result: 'passed', origin: {kind: 'automake', file: 'tests/a.trs'}},
  ])
  t.match(parseResultFile('b.trs', ':test-result: XFAIL\n'), [{result: 'expected-failure'}])
  t.match(parseResultFile('b.trs', ':test-result: XPASS\n'), [{result: 'failed'}])
  t.match(parseResultFile('c.trs', ':test-result: PASS 1 - one\n:test-result: FAIL 2 - two\n:global-test-result: FAIL\n'), [
    {suite: 'c', name: '1 - one', result: 'passed'},
    {suite: 'c', name: '2 - two', result: 'failed'},
  ])
})

t.test("DejaGnu's .sum files", async t => {
  const sum = `Test run by root on Mon Jan  1
Running target unix
Running ./ld.elf/elf.exp ...
PASS: plain
FAIL: linked: twice
UNSUPPORTED: other

		=== ld Summary ===

# of expected passes		1
`
  t.match(parseResultFile('ld/ld.sum', sum), [
    {suite: './ld.elf/elf.exp', name: 'plain', result: 'passed', origin: {kind: 'dejagnu', file: 'ld/ld.sum'}},
    {suite: './ld.elf/elf.exp', name: 'linked: twice', result: 'failed'},
    {suite: './ld.elf/elf.exp', name: 'other', result: 'skipped'},
  ])
})

t.test('ctest', async t => {
  const output = `Test project /p/build
    Start 1: basic
1/4 Test #1: basic ............................   Passed    0.02 sec
2/4 Test #2: with space .......................***Failed    0.10 sec
3/4 Test #3: crash ............................***Exception: SegFault  0.10 sec
4/4 Test #4: off ..............................***Not Run (Disabled)   0.00 sec

50% tests passed, 2 tests failed out of 4
`
  t.same(results(output), ['basic=passed', 'with space=failed', 'crash=failed', 'off=skipped'])
  t.match(parseTestOutput(output)[1], {seconds: 0.1, origin: {kind: 'ctest', directory: '/p/build'}})
})

t.test('meson', async t => {
  const output = ` 1/4 basic              OK              0.02s
 2/4 suite:other        FAIL            0.01s   exit status 1
 3/4 known              EXPECTEDFAIL    0.01s   exit status 1
 4/4 slow               TIMEOUT        30.01s   killed by signal 15 SIGTERM

Full log written to /p/b/meson-logs/testlog.txt
1/1 later              OK              0.02s
`
  t.same(results(output), ['basic=passed', 'suite:other=failed', 'known=expected-failure', 'slow=failed', 'later=passed'])
  t.same(
    parseTestOutput(output).map(({origin}) => 'directory' in origin && origin.directory),
    ['/p/b', '/p/b', '/p/b', '/p/b', undefined],
  )
})

t.test('prove', async t => {
  const output = `t/00-load.t ..... ok
t/01-skip.t ..... skipped: no network
t/02-todo.t ..... ok
t/03-bad.t ......
Dubious, test returned 1 (wstat 256, 0x100)
Failed 1/2 subtests

Test Summary Report
-------------------
t/02-todo.t   (Wstat: 0 Tests: 1 Failed: 0)
  TODO passed:   1
t/03-bad.t    (Wstat: 256 (exited 1) Tests: 2 Failed: 1)
  Failed test:  2
`
  t.same(results(output), ['t/00-load.t=passed', 't/01-skip.t=skipped', 't/02-todo.t=passed', 't/03-bad.t=failed'])
})

t.test('TAP', async t => {
  const output = `TAP version 14
1..5
ok 1 - first
not ok 2 - second
ok 3 # SKIP no such device
not ok 4 - later # TODO not yet
ok
`
  t.same(results(output), ['first=passed', 'second=failed', '3=skipped', 'later=expected-failure', '=passed'])
})

t.test('without a plan, lines with "ok" are anything', async t => {
  t.same(results('ok then\nnot ok at all\nchecking whether make is ok... yes\n'), [])
})

t.test('tests are counted by how they ended', async t => {
  t.same(countTests(parseTestOutput('1..3\nok 1\nnot ok 2\nok 3 # SKIP\n')), {
    passed: 1,
    failed: 1,
    flaky: 0,
    skipped: 1,
    'expected-failure': 0,
  })
})
