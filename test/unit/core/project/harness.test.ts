import t from 'tap'
import {parseCtestFile} from '../../../../lib/core/project/harness/ctest-labels.js'
import {parseTestOutput} from '../../../../lib/core/project/test-output.js'
import {countLabels, countTests, testName} from '../../../../lib/core/project/tests.js'

const results = (output: string) =>
  parseTestOutput(output).map(test => `${testName(test)}=${test.result}${test.count === undefined ? '' : `*${test.count}`}`)

const counted = (output: string) => {
  const {passed, failed, skipped, 'expected-failure': expected} = countTests(parseTestOutput(output))
  return {passed, failed, skipped, expected}
}

const PYTEST = `============================= test session starts ==============================
platform linux -- Python 3.11.2, pytest-7.2.1, pluggy-1.0.0
rootdir: /p
collected 6 items

tests/test_a.py .F.s                                                     [ 66%]
tests/test_b.py xE                                                       [100%]

==================================== ERRORS ====================================
_________________________ ERROR at setup of test_broken ________________________

    @pytest.fixture
    def thing():
>       raise RuntimeError('no thing')
E       RuntimeError: no thing

tests/test_b.py:5: RuntimeError
=================================== FAILURES ===================================
_______________________________ TestX.test_two ________________________________

    def test_two(self):
>       assert 1 == 2
E       assert 1 == 2

tests/test_a.py:9: AssertionError
=========================== short test summary info ============================
FAILED tests/test_a.py::TestX::test_two - assert 1 == 2
ERROR tests/test_b.py::test_broken - RuntimeError: no thing
============ 1 failed, 2 passed, 1 skipped, 1 xfailed, 1 error in 0.05s ============
`

t.test('pytest, quiet about what passes, by its own numbers; what failed by name, with what it printed', async t => {
  t.same(results(PYTEST), [
    'tests/test_a.py: TestX::test_two=failed',
    'tests/test_b.py: test_broken=failed',
    '2 without a name=passed*2',
    '1 without a name=skipped*1',
    '1 without a name=expected-failure*1',
  ])
  t.same(counted(PYTEST), {passed: 2, failed: 2, skipped: 1, expected: 1})
  t.match(parseTestOutput(PYTEST)[0], {
    detail: /tests\/test_a\.py:9: AssertionError/,
    origin: {kind: 'pytest', id: 'tests/test_a.py::TestX::test_two'},
  })
})

t.test('pytest -v, and pytest -q', async t => {
  const verbose = `============================= test session starts ==============================
tests/test_a.py::test_one PASSED                                         [ 33%]
tests/test_a.py::test_p[a b] FAILED                                      [ 66%]
tests/test_a.py::test_later SKIPPED (not here)                           [100%]
=========================== short test summary info ============================
FAILED tests/test_a.py::test_p[a b] - assert 0
==================== 1 failed, 1 passed, 1 skipped in 0.02s ====================
`
  t.same(results(verbose), [
    'tests/test_a.py: test_one=passed',
    'tests/test_a.py: test_p[a b]=failed',
    'tests/test_a.py: test_later=skipped',
  ])
  t.same(counted('....                                         [100%]\n4 passed in 0.01s\n'), {
    passed: 4,
    failed: 0,
    skipped: 0,
    expected: 0,
  })
  t.same(results('3 passed the gate in the morning\n'), [])
  const dashes = (before: string) =>
    `${before}FAILED a.py::p[z - w] - AssertionError: x - y\nFAILED a.py::q - no\n=== 2 failed in 0.01s ===\n`
  t.same(results(dashes('')), ['a.py: p[z - w]=failed', 'a.py: q=failed'])
  t.same(results(dashes('a.py::p[z - w] FAILED [ 50%]\na.py::q FAILED [100%]\n')), ['a.py: p[z - w]=failed', 'a.py: q=failed'])
  t.match(parseTestOutput(dashes(''))[0], {detail: 'AssertionError: x - y'})
})

const CARGO = `   Compiling demo v0.1.0 (/p)
    Finished test [unoptimized + debuginfo] target(s) in 0.32s
     Running unittests src/lib.rs (target/debug/deps/demo-1f2e)

running 4 tests
test tests::slow ... ignored, takes long
test tests::adds ... ok
test tests::panics - should panic ... ok
test tests::divides ... FAILED

failures:

---- tests::divides stdout ----
thread 'tests::divides' panicked at src/lib.rs:12:9:
assertion failed

failures:
    tests::divides

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests demo

running 1 test
test src/lib.rs - add (line 3) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.21s
`

t.test('cargo test, by crate and by program; -q by its numbers', async t => {
  t.same(results(CARGO), [
    'src/lib.rs: tests::slow=skipped',
    'src/lib.rs: tests::adds=passed',
    'src/lib.rs: tests::panics=passed',
    'src/lib.rs: tests::divides=failed',
    'doc-tests demo: src/lib.rs - add (line 3)=passed',
  ])
  t.match(parseTestOutput(CARGO)[3], {detail: /panicked at src\/lib\.rs:12:9:\nassertion failed$/})
  const quiet = 'running 2 tests\n..\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n'
  const failed =
    'running 2 tests\n.\nt::bad --- FAILED\n\nfailures:\n\n---- t::bad stdout ----\nno\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored;\n'
  t.match(parseTestOutput(failed), [
    {name: 't::bad', result: 'failed', detail: 'no'},
    {result: 'passed', count: 1},
  ])
  t.same(counted(quiet), {passed: 2, failed: 0, skipped: 0, expected: 0})
})

const GO = `=== RUN   TestAdd
--- PASS: TestAdd (0.00s)
=== RUN   TestTable
=== RUN   TestTable/one
=== RUN   TestTable/two
    a_test.go:14: 2 is not 3
--- FAIL: TestTable (0.01s)
    --- PASS: TestTable/one (0.00s)
    --- FAIL: TestTable/two (0.01s)
--- SKIP: TestNet (0.00s)
FAIL
FAIL\texample.org/a\t0.012s
?   \texample.org/b\t[no test files]
ok  \texample.org/c\t(cached)
FAIL\texample.org/d [build failed]
FAIL
`

t.test('go test: tests where they are named, else packages', async t => {
  t.same(results(GO), [
    'example.org/a: TestAdd=passed',
    'example.org/a: TestTable/one=passed',
    'example.org/a: TestTable/two=failed',
    'example.org/a: TestNet=skipped',
    'example.org/c=passed',
    'example.org/d=failed',
  ])
  const silent = '--- FAIL: TestX (0.00s)\n    x_test.go:7: no\nFAIL\nFAIL\texample.org/x\t0.002s\n'
  t.match(parseTestOutput(silent), [{suite: 'example.org/x', name: 'TestX', result: 'failed', detail: 'x_test.go:7: no'}])
})

const GTEST = `[==========] Running 4 tests from 2 test suites.
[----------] Global test environment set-up.
[----------] 3 tests from Sum
[ RUN      ] Sum.Adds
[       OK ] Sum.Adds (0 ms)
[ RUN      ] Sum.Divides
sum_test.cc:9: Failure
Expected equality of these values:
  1
  2
[  FAILED  ] Sum.Divides (12 ms)
[ RUN      ] Sum.Later
[  SKIPPED ] Sum.Later (0 ms)
[----------] 1 test from All/Param
[ RUN      ] All/Param.Is/0
[  FAILED  ] All/Param.Is/0, where GetParam() = 4 (1 ms)
[==========] 4 tests from 2 test suites ran. (13 ms total)
[  PASSED  ] 1 test.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Sum.Later
[  FAILED  ] 2 tests, listed below:
[  FAILED  ] Sum.Divides
[  FAILED  ] All/Param.Is/0, where GetParam() = 4

 2 FAILED TESTS
`

t.test('GoogleTest, each test once', async t => {
  t.same(results(GTEST), ['Sum: Adds=passed', 'Sum: Divides=failed', 'Sum: Later=skipped', 'All/Param: Is/0=failed'])
  t.match(parseTestOutput(GTEST)[1], {seconds: 0.012, detail: /^sum_test\.cc:9: Failure/})
})

t.test('GoogleTest that is told to be brief: what failed, and the numbers', async t => {
  const brief = `a.cc:3: Failure
[  FAILED  ] Sum.Bad (0 ms)
a.cc:4: Skipped
[==========] 5 tests from 2 test suites ran. (0 ms total)
[  PASSED  ] 3 tests.
[  SKIPPED ] 1 test.
`
  t.same(results(brief), ['Sum: Bad=failed', '3 without a name=passed*3', '1 without a name=skipped*1'])
  t.same(results('[  FAILED  ] a.b (0 ms)\n'), [], 'a line alone is none')
})

const CATCH2 = `Randomness seeded to: 1

~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
demo is a Catch2 v3.3.2 host application.
Run with -? for options

${'-'.repeat(79)}
Numbers are added
  in a section
${'-'.repeat(79)}
demo.cc:4
${'.'.repeat(79)}

demo.cc:6: FAILED:
  REQUIRE( 1 + 1 == 3 )
with expansion:
  2 == 3

${'='.repeat(79)}
test cases: 3 | 2 passed | 1 failed
assertions: 3 | 2 passed | 1 failed
`

t.test('Catch2: what failed by name, and how many passed', async t => {
  t.same(results(CATCH2), ['Numbers are added=failed', '2 without a name=passed*2'])
  t.match(parseTestOutput(CATCH2)[0], {detail: /^demo\.cc:6: FAILED:\n {2}REQUIRE\( 1 \+ 1 == 3 \)/})
  t.same(counted('All tests passed (12 assertions in 4 test cases)\n'), {passed: 4, failed: 0, skipped: 0, expected: 0})
})

const MOCHA = `

  Calculator
    ✓ adds
    with two numbers
      ✓ multiplies (42ms)
      1) divides
    - takes roots


  2 passing (50ms)
  1 pending
  1 failing

  1) Calculator
       with two numbers
         divides:

      AssertionError [ERR_ASSERTION]: 1 == 2
      + expected - actual

      at Context.<anonymous> (test/a.js:9:14)
`

t.test('where tests of Catch2 may fail, nobody is named who did not', async t => {
  const some = CATCH2.replace(/^test cases: .*$/m, 'test cases: 2 | 1 passed | 1 failed as expected')
  t.same(results(some), ['1 without a name=passed*1', '1 without a name=expected-failure*1'])
})

t.test("mocha's suites and tests; with dots what failed, and the numbers", async t => {
  t.same(results(MOCHA), [
    'Calculator: adds=passed',
    'Calculator with two numbers: multiplies=passed',
    'Calculator: takes roots=skipped',
    'Calculator with two numbers: divides=failed',
  ])
  t.match(parseTestOutput(MOCHA)[3], {detail: /^AssertionError[^\n]*\n/})
  const dots = '\n  ․․!\n\n  2 passing (3ms)\n  1 failing\n\n  1) a\n       b:\n     Error: no\n'
  t.same(results(dots), ['a: b=failed', '2 without a name=passed*2'])
})

t.test('subtests of TAP are told with what they belong to', async t => {
  const output = `TAP version 14
# Subtest: outer
    # Subtest: inner
        ok 1 - deep
        1..1
    ok 1 - inner # time=1ms
    not ok 2 - bad
      ---
      at: a.js:3
      ...
    1..2
not ok 1 - outer
ok 2 - alone # SKIP no net
1..2
`
  t.same(results(output), ['outer inner: deep=passed', 'outer: bad=failed', 'alone=skipped'])
  t.match(parseTestOutput(output)[1], {detail: 'at: a.js:3'})
  t.match(parseTestOutput('1..1\nnot ok 1 - a\n#   Failed test\n  at a.t\nother\n  of something else\n# tests 1\n'), [
    {name: 'a', detail: '#   Failed test\nat a.t'},
  ])
})

t.test('what ctest shows of a program that failed is its detail, and counts once', async t => {
  const output = `Test project /p/build
    Start 1: units
1/2 Test #1: units ............................***Failed    0.02 sec
${GTEST}
    Start 2: more
2/2 Test #2: more .............................   Passed    0.02 sec

50% tests passed, 1 tests failed out of 2

Total Test time (real) =   0.05 sec
`
  t.same(results(output), ['units=failed', 'more=passed'])
  t.match(parseTestOutput(output)[0], {detail: /2 FAILED TESTS$/})
})

t.test("labels of ctest's tests are read where cmake wrote them", async t => {
  const text = `add_test(bare "/p/build/bare" "LABELS")
set_tests_properties(bare PROPERTIES  LABELS "fast;unit" _BACKTRACE_TRIPLES "/p/CMakeLists.txt;6;add_test;/p/CMakeLists.txt;0;")
add_test([=[with space]=] "x")
set_tests_properties([=[with space]=] PROPERTIES  LABELS "slow" TIMEOUT "3")
set_tests_properties("quoted \\"x" PROPERTIES LABELS one)
set_tests_properties(none PROPERTIES  TIMEOUT "3")
subdirs("lib" "/p/build/far")
include("/p/build/g[1]_include.cmake")
`
  const {labels, more} = parseCtestFile(text)
  t.same(
    [...labels],
    [
      ['bare', ['fast', 'unit']],
      ['with space', ['slow']],
      ['quoted "x', ['one']],
    ],
  )
  t.same(more, ['lib/CTestTestfile.cmake', '/p/build/far/CTestTestfile.cmake', '/p/build/g[1]_include.cmake'])
  const test = (name: string, result: 'passed' | 'failed', own: string[]) =>
    ({suite: '', name, result, origin: {kind: 'ctest', directory: undefined}, labels: own}) as const
  const counts = countLabels([test('a', 'passed', ['x', 'y']), test('b', 'failed', ['x'])])
  t.match(counts.get('x'), {passed: 1, failed: 1})
  t.match(counts.get('y'), {passed: 1, failed: 0})
})

t.test('a line of ctest that never ends its spaces is read once', async t => {
  const begin = process.cpuUsage()
  const {labels} = parseCtestFile(`set_tests_properties("a" PROPERTIES ${' '.repeat(200_000)}`)
  t.equal(labels.size, 0)
  t.ok(process.cpuUsage(begin).user < 1e6, 'in less than a second')
  t.same([...parseCtestFile('set_tests_properties([=[a]=] PROPERTIES  LABELS "x;y")').labels], [['a', ['x', 'y']]])
})
