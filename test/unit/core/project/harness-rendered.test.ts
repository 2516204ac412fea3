import fc from 'fast-check'
import t from 'tap'
import {parseTestOutput} from '../../../../lib/core/project/test-output.js'
import type {TestCase, TestOutcome} from '../../../../lib/core/project/tests.js'

/** A test as a test program would tell of it: names as these programs have them. */
interface Told {
  suite: string
  name: string
  result: Extract<TestOutcome, 'passed' | 'failed' | 'skipped'>
}

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
const told: fc.Arbitrary<Told[]> = fc.uniqueArray(
  fc.record({suite: word, name: word, result: fc.constantFrom('passed' as const, 'failed' as const, 'skipped' as const)}),
  {selector: ({suite, name}) => `${suite} ${name}`, minLength: 1, maxLength: 12},
)

const bySuite = (tests: readonly Told[]) =>
  [...new Set(tests.map(({suite}) => suite))].map(suite => [suite, tests.filter(one => one.suite === suite)] as const)
const number = (tests: readonly Told[], result: Told['result']) => tests.filter(one => one.result === result).length

const RENDERED: Readonly<Record<string, (tests: readonly Told[]) => string[]>> = {
  pytest: tests => [
    '====== test session starts ======',
    ...tests.map(({suite, name, result}) => `${suite}.py::${name} ${result.toUpperCase()}     [ 50%]`),
    `=== ${number(tests, 'failed')} failed, ${number(tests, 'passed')} passed, ${number(tests, 'skipped')} skipped in 0.10s ===`,
  ],
  cargo: tests =>
    bySuite(tests).flatMap(([suite, own]) => [
      `     Running tests/${suite}.rs (target/debug/deps/x-1)`,
      ...own.map(({name, result}) => `test ${name} ... ${{passed: 'ok', failed: 'FAILED', skipped: 'ignored'}[result]}`),
      `test result: ok. ${number(own, 'passed')} passed; ${number(own, 'failed')} failed; ${number(own, 'skipped')} ignored; 0 measured`,
    ]),
  go: tests =>
    bySuite(tests).flatMap(([suite, own]) => [
      ...own.map(({name, result}) => `--- ${{passed: 'PASS', failed: 'FAIL', skipped: 'SKIP'}[result]}: ${name} (0.00s)`),
      `${number(own, 'failed') > 0 ? 'FAIL' : 'ok  '}\t${suite}\t0.1s`,
    ]),
  gtest: tests => [
    `[==========] Running ${tests.length} tests from 1 test suite.`,
    ...tests.flatMap(({suite, name, result}) => [
      `[ RUN      ] ${suite}.${name}`,
      `${{passed: '[       OK ]', failed: '[  FAILED  ]', skipped: '[  SKIPPED ]'}[result]} ${suite}.${name} (0 ms)`,
    ]),
    `[==========] ${tests.length} tests from 1 test suite ran. (0 ms total)`,
    `[  PASSED  ] ${number(tests, 'passed')} tests.`,
  ],
  mocha: tests => [
    ...bySuite(tests).flatMap(([suite, own]) => [
      `  ${suite}`,
      ...own.map(({name, result}, i) => `    ${{passed: '✓', failed: `${i})`, skipped: '-'}[result]} ${name}`),
    ]),
    '',
    `  ${number(tests, 'passed')} passing (1ms)`,
    `  ${number(tests, 'skipped')} pending`,
    `  ${number(tests, 'failed')} failing`,
    '',
    ...tests
      .filter(({result}) => result === 'failed')
      .flatMap(({suite, name}, i) => [`  ${i + 1}) ${suite}`, `       ${name}:`, '     Error: no', '']),
  ],
  tap: tests => [
    ...bySuite(tests).flatMap(([suite, own], i) => [
      ...own.map(
        ({name, result}, at) => `    ${result === 'failed' ? 'not ' : ''}ok ${at + 1} - ${name}${result === 'skipped' ? ' # SKIP' : ''}`,
      ),
      `    1..${own.length}`,
      `${number(own, 'failed') > 0 ? 'not ' : ''}ok ${i + 1} - ${suite}`,
    ]),
    '1..9',
  ],
}

const key = ({suite, name, result}: Pick<TestCase, 'suite' | 'name' | 'result'>) =>
  `${suite.replace(/^tests\/|\.(py|rs)$/g, '')} ${name} ${result}`

t.test('what a test program tells is read as it was meant, and nothing besides', async t => {
  for (const [program, render] of Object.entries(RENDERED)) {
    fc.assert(
      fc.property(told, tests => {
        const read = parseTestOutput(`before\n${render(tests).join('\n')}\nbehind\n`)
        t.same(read.map(key).sort(), tests.map(key).sort(), program)
      }),
    )
  }
})
