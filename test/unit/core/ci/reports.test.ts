import fc from 'fast-check'
import t from 'tap'
import {failuresOf, placeIn} from '../../../../lib/core/ci/failures.js'
import {githubAnnotations, githubSummary} from '../../../../lib/core/ci/github-report.js'
import {gitlabCodeQuality} from '../../../../lib/core/ci/gitlab-report.js'
import {targetResult, testCase} from '../target-result.js'

const failed = (output: string, tests: ReturnType<typeof testCase>[] = []) =>
  targetResult([
    {
      step: 'test',
      seconds: 1,
      result: 'failed',
      why: 'it ended with 2',
      exitCode: 2,
      output: {end: [output], lines: 1, error: {line: 1, text: output, from: 1, lines: [output]}},
      ...(tests.length > 0 ? {tests} : {}),
    },
  ])

const always = (path: string) => path

t.test('compilers and test programs name files and lines', async t => {
  t.same(placeIn('src/a.c:12:3: error: no'), {path: 'src/a.c', line: 12})
  t.same(placeIn('  --> src/lib.rs:4:5'), {path: 'src/lib.rs', line: 4})
  t.same(placeIn('tests/a.py:7: AssertionError'), {path: 'tests/a.py', line: 7})
  t.same(placeIn('      at Context.<anonymous> (test/a.js:9:14)'), {path: 'test/a.js', line: 9})
  t.same(placeIn('/p/../src/a.cc:3: Failure'), {path: '/p/../src/a.cc', line: 3})
  for (const none of ['make: *** [Makefile:12: all] Error 1', 'at 12:30:11', 'no place', 'http://a.b:80/'])
    t.equal(placeIn(none), undefined, none)
})

t.test('a failure has a place only where the project has the file', async t => {
  t.match(failuresOf([failed('src/a.c:12:3: error: no')], always), [
    {title: 'arm64: test', message: 'it ended with 2: src/a.c:12:3: error: no', place: {path: 'src/a.c', line: 12}},
  ])
  t.match(
    failuresOf([failed('src/a.c:12:3: error: no')], () => undefined),
    [{place: undefined}],
  )
})

t.test('where tests failed, these are told, ten at most', async t => {
  const tests = Array.from({length: 12}, (_, i) => testCase(`t${i}`, 'failed', {detail: `assert\n t${i}.py:3: no`}))
  const failures = failuresOf([failed('x', tests)], always)
  t.equal(failures.length, 11)
  t.match(failures[0], {message: /^t0 failed\nassert/, place: {path: 't0.py', line: 3}})
  t.match(failures[10], {message: '2 more tests failed'})
})

t.test("an annotation is one line, whatever is in it, and begins as GitHub's commands do", async t => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (title, message) => {
      const [line = ''] = githubAnnotations([{title, message, place: {path: 'a,b:c.c', line: 3}}], 'sub')
      t.notMatch(line, /[\r\n]/)
      t.match(line, /^::error file=sub\/a%2Cb%3Ac\.c,line=3,title=[^:]*::/)
    }),
  )
  t.equal(githubAnnotations(Array(20).fill({title: 't', message: '100%\nmore', place: undefined}), '').length, 10)
  t.equal(githubAnnotations([{title: 't', message: '100%\nmore', place: undefined}], '')[0], '::error title=t::100%25%0Amore')
})

t.test('the summary shows what failed as it is, and no name is markup', async t => {
  const summary = githubSummary([failed('a ```` fence', [testCase('<b>|`x`*', 'failed')])], '0.2.0')
  t.match(summary, '| arm64 | ❌ failed | test failed, 1.0 s, 0 of 1 tests | 0 | 1.0 s |')
  t.match(summary, '- &lt;b&gt;&#124;&#96;x&#96;&#42;')
  t.match(summary, '`````text\na ```` fence\n`````')
})

t.test('the summary stays below what GitHub takes', async t => {
  const many = Array.from({length: 200}, () => failed('x'.repeat(50_000)))
  const summary = githubSummary(many, '0.2.0')
  t.ok(Buffer.byteLength(summary) < 2 ** 20, `${summary.length}`)
  t.match(summary, /More failed than GitHub has room for here\.\n$/)
})

t.test("GitLab's report has a place for each failure, and each once", async t => {
  const failures = failuresOf(
    [failed('src/a.c:12: error: no'), failed('src/a.c:12: error: no'), targetResult([], {message: 'no space', exitCode: 125})],
    always,
  )
  t.match(JSON.parse(gitlabCodeQuality(failures, 'sub', 'xbuild-env.yaml')), [
    {check_name: 'arm64: test', severity: 'major', location: {path: 'sub/src/a.c', lines: {begin: 12}}, fingerprint: /^[0-9a-f]{16}$/},
    {description: 'arm64: no space', location: {path: 'sub/xbuild-env.yaml', lines: {begin: 1}}},
  ])
})
