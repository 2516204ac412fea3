import t from 'tap'
import {junitReport} from '../../../../lib/core/project/junit.js'
import {targetResult, testCase} from '../target-result.js'

t.test('each test of a step is a case', async t => {
  const report = junitReport([
    targetResult([
      {
        step: 'test',
        seconds: 2,
        result: 'failed',
        why: 'it ended with 2',
        exitCode: 2,
        tests: [
          testCase('a', 'passed', {seconds: 0.5}),
          testCase('b', 'failed', {suite: 'f', detail: '<x> & "y"'}),
          testCase('c', 'skipped'),
        ],
      },
    ]),
  ])
  t.match(report, '<testsuite name="arm64.test" tests="3" failures="1" skipped="1" errors="0" time="2.000">')
  t.match(report, '<testcase classname="arm64.test" name="a" time="0.500"/>')
  t.match(
    report,
    '<testcase classname="arm64.test.f" name="b" time="0.000"><failure message="failed">&lt;x&gt; &amp; &quot;y&quot;</failure></testcase>',
  )
})

t.test('a step without tests is a case itself, and so is what fails though no test does', async t => {
  const failed = {seconds: 1, result: 'failed', why: 'it ended with 1', exitCode: 1} as const
  const report = junitReport([
    targetResult([
      {step: 'build', seconds: 1, result: 'passed'},
      {step: 'test', ...failed, tests: [testCase('a', 'passed')]},
      {step: 'install', seconds: 0, result: 'left-out'},
    ]),
    targetResult([], {message: 'no space', exitCode: 125}),
  ])
  t.match(report, '<testcase classname="arm64" name="build" time="1.000"/>')
  t.match(report, '<testsuite name="arm64.test" tests="2" failures="1" skipped="0" errors="0" time="1.000">')
  t.match(report, '<testcase classname="arm64" name="install" time="0.000"><skipped/></testcase>')
  t.match(report, '<failure message="no space"/>')
})

t.test(
  'a step that failed says its first error and its last lines, also where its tests failed; one that was stopped is an error',
  async t => {
    const output = {end: ['last <line>'], lines: 70, error: {line: 3, text: ' a.c:1: error: no ', from: 1, lines: []}}
    const failed = {step: 'build', seconds: 1, result: 'failed', why: 'it ended with 2', exitCode: 2, output} as const
    const report = junitReport([
      targetResult([failed, {step: 'test', seconds: 1, result: 'stopped', why: 'interrupted (SIGINT)'}]),
      targetResult([{...failed, tests: [testCase('a', 'failed', {labels: ['x&y']})]}]),
    ])
    const told = 'the first error, in line 3:  a.c:1: error: no \n\nthe last 1 of 70 lines:\nlast &lt;line&gt;'
    t.match(report, `<failure message="it ended with 2: a.c:1: error: no">${told}</failure>`)
    t.match(report, `    <system-out>${told}</system-out>\n  </testsuite>`)
    t.match(report, '<error message="stopped: interrupted (SIGINT)"/>')
    t.match(report, '<properties><property name="label" value="x&amp;y"/></properties><failure message="failed">')
  },
)

t.test('characters that XML cannot have are left out', async t => {
  const report = junitReport([targetResult([{step: 's', seconds: 0, result: 'failed', why: 'a\u0000\u001b\uFFFEb', exitCode: 1}])])
  t.match(report, 'message="ab"')
})

t.test(
  'a test that passed when run again is a passed one, with what it printed before; one that failed says what the host does',
  async t => {
    const tests = [
      testCase('a', 'flaky', {detail: 'at first <no>'}),
      testCase('b', 'failed', {native: {result: 'passed'}}),
      testCase('c', 'failed', {native: {result: 'unknown', why: 'no "gcc"'}}),
    ]
    const report = junitReport([targetResult([{step: 'test', seconds: 1, result: 'allowed', why: 'it ended with 1', exitCode: 1, tests}])])
    t.match(report, 'tests="3" failures="2" skipped="0"')
    t.match(report, /name="a" time="0.000"><flakyFailure [^>]*type="flaky"><system-out>at first &lt;no&gt;<\/system-out><\/flakyFailure>/)
    t.match(report, '<failure message="failed; it passes on the host: ')
    t.match(report, 'could not be checked on the host: no &quot;gcc&quot;"')
  },
)
