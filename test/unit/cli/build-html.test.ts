import t from 'tap'
import {buildHtml} from '../../../lib/cli/build-html.js'
import {testCase} from '../core/target-result.js'

const html = buildHtml('/p/<b>&', [
  {
    target: 'arm64',
    environment: 'arm64-1',
    steps: [
      {step: 'build', seconds: 1, result: 'passed'},
      {
        step: 'test',
        seconds: 2,
        result: 'failed',
        why: 'it ended with 1',
        exitCode: 1,
        tests: [testCase('<img>', 'failed', {detail: '<script>', native: {result: 'failed'}}), testCase('now & then', 'flaky')],
      },
    ],
    artifacts: [
      {path: 'lib/x.so', link: 'x.so.1'},
      {path: 'a<b>', size: 7, sha256: ''},
    ],
    seconds: 3,
  },
  {target: 's390x', environment: 's390x-1', steps: [], artifacts: [], seconds: 0, error: {message: 'no <room>', exitCode: 125}},
])

t.test('nothing of a name, or of what a test printed, is taken for HTML', async t => {
  for (const text of ['<b>', '<script', '<img>', '<room>']) t.notOk(html.includes(text), text)
})

t.test('steps, failed tests with what they printed, artifacts and errors are there', async t => {
  for (const text of [
    'failed, 2.0 s, 1 of 2 passed, 1 when run again, 1 failed on the host too',
    '&lt;img&gt;</summary><p>it fails on the host too: the fault lies in the program, or the test</p><pre>&lt;script&gt;',
    'now &amp; then</summary><p>it passed when it was run again</p>',
    '→ x.so.1',
    '7 bytes',
    'no &lt;room&gt;',
  ]) {
    t.ok(html.includes(text), text)
  }
})

t.test('it needs nothing from anywhere', async t => {
  t.notMatch(html, /https?:|src=|@import/)
})
