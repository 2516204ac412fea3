import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import t from 'tap'
import {scriptAlone} from '../../../../lib/core/project/test-alone.js'
import {testCase} from '../target-result.js'

const script = (...args: Parameters<typeof testCase>) => scriptAlone(testCase(...args)) ?? ''

/** What a script calls where these programs print their directory and arguments; undefined where it fails before. */
function calls(top: string, run: string): string | undefined {
  const show = 'echo "$0 $* in $PWD"'
  const programs = ['make', 'ctest', 'meson', 'prove'].map(name => `${name}() { (exec sh -c '${show}' ${name} "$@"); }`)
  try {
    return execFileSync('sh', ['-e', '-c', `${programs.join('\n')}\n${run}`], {cwd: top})
      .toString()
      .replaceAll(top, '')
      .trim()
  } catch {
    return undefined
  }
}

const RULES = {Makefile: 'check-TESTS:\ncheck-DEJAGNU:\n'}

t.test("automake's: at the Makefile that has the rule, whether the test's directory has its own or not", async t => {
  const run = script('a', 'failed', {origin: {kind: 'automake', file: 'sub/tests/a b.trs'}})
  t.equal(calls(t.testdir({...RULES, sub: {tests: {}}}), run), 'make check-TESTS TEST_LOGS=sub/tests/a b.log in')
  t.equal(calls(t.testdir({sub: {...RULES, tests: {Makefile: 'check:\n'}}}), run), 'make check-TESTS TEST_LOGS=tests/a b.log in /sub')
  t.equal(calls(t.testdir({sub: {tests: RULES}}), run), 'make check-TESTS TEST_LOGS=a b.log in /sub/tests')
  t.equal(calls(t.testdir({sub: {tests: {}}}), run), undefined)
})

t.test("DejaGnu's: the script of the test", async t => {
  const origin = {kind: 'dejagnu', file: 'ld/ld.sum'} as const
  t.equal(
    calls(t.testdir({ld: RULES}), script('plain', 'failed', {suite: './ld.elf/elf.exp', origin})),
    'make check-DEJAGNU RUNTESTFLAGS=elf.exp in /ld',
  )
  t.equal(scriptAlone(testCase('plain', 'failed', {origin})), undefined, 'of no script')
})

t.test("ctest's: where it was built, by its whole name", async t => {
  const run = (name: string) => script(name, 'failed', {origin: {kind: 'ctest', directory: join(t.testdirName, 'build dir')}})
  t.equal(calls(t.testdir({'build dir': {}}), run('a.b')), 'ctest --output-on-failure --no-tests=error -R ^a\\.b$ in /build dir')
  t.match(run("it's (one) [1]"), String.raw`'^it'\''s \(one\) \[1\]$'`)
  t.equal(scriptAlone(testCase('a', 'failed', {origin: {kind: 'ctest', directory: undefined}})), undefined)
})

t.test("meson's: by project and name, without the suite that it is printed with", async t => {
  const run = (name: string) => script(name, 'failed', {origin: {kind: 'meson', directory: '/b'}})
  t.match(run('plain'), /^meson test -C \/b --print-errorlogs plain$/)
  t.match(run('lib:unit+slow / a b'), /'lib:a b'$/)
  t.match(run('lib / a'), /lib:a$/)
})

t.test("prove's: with what is built, where something is", async t => {
  const run = script('t/a.t', 'failed', {origin: {kind: 'prove'}})
  t.equal(calls(t.testdir({blib: {}}), run), 'prove -b t/a.t in')
  t.equal(calls(t.testdir({lib: {}}), run), 'prove -l t/a.t in')
})

t.test('what a program of its own printed cannot be run alone', async t => {
  t.equal(scriptAlone(testCase('a', 'failed')), undefined)
})
