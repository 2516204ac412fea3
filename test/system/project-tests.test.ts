import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import type {TestCase} from '../../lib/core/project/tests.js'
import {build, configuration, sourceTree} from './project.js'
import {CLI, DATA, PROFILE, plainVariables} from './rig.js'

/** Leaves what automake's parallel test harness leaves, and takes TEST_LOGS as that does. */
const MAKEFILE = `TESTS = $(wildcard tests/*.test)
TEST_LOGS = $(TESTS:.test=.log)
check: check-TESTS
check-TESTS:
	@rm -f $(TEST_LOGS) $(TEST_LOGS:.log=.trs)
	@$(MAKE) --no-print-directory $(TEST_LOGS)
	@! grep -q FAIL $(TEST_LOGS:.log=.trs)
%.log: %.test
	@if sh ./$< >$@ 2>&1; then result=PASS; else result=FAIL; fi; echo ":test-result: $$result" >$*.trs; echo "$$result: $*"
`

const STEADY = {'tests/steady.test': 'true\n'}
/** Fails the first time only. */
const FLAKY = {'tests/flaky.test': 'echo at first; [ -e seen ] || { touch seen; false; }\n'}

const project = (
  t: Parameters<typeof sourceTree>[0],
  files: Record<string, string>,
  steps: Record<string, unknown> = {test: 'make check'},
) => sourceTree(t, {Makefile: MAKEFILE, ...files, ...configuration(steps)})

/** How each test of a step ended, from a build's JSON. */
function testsOf(stdout: string, step = 'test'): Record<string, Pick<TestCase, 'result' | 'native'>> {
  const steps: {step: string; tests?: TestCase[]}[] = JSON.parse(stdout).targets[0].steps
  const tests = steps.find(one => one.step === step)?.tests ?? []
  return Object.fromEntries(tests.map(({name, result, native}) => [name, {result, ...(native ? {native} : {})}]))
}

t.test('a test that passes when run again does not fail the step, and is told', async t => {
  const tree = project(t, {...STEADY, ...FLAKY}, {test: 'make check', next: 'echo next'})
  t.match(await build(tree), {exitCode: 1, stderr: /test failed: tests\/flaky\n/})
  const again = await build(tree, ['--clean', '--retry', '--junit', 'report.xml'])
  t.match(again, {exitCode: 0, stderr: /\| next\n/, stdout: /2 of 2 passed, 1 when run again/})
  t.match(again.stderr, `${PROFILE}: test passed when run again: tests/flaky\n`)
  t.match(readFileSync(join(tree, 'report.xml'), 'utf8'), /name="tests\/flaky" [^>]*><flakyFailure .*at first/)
})

t.test('what failed besides its tests fails the step, also where all of them pass when run again', async t => {
  const tree = project(t, {...STEADY, ...FLAKY}, {test: 'make check\necho behind; false'})
  const {exitCode, stdout, stderr} = await build(tree, ['--retry', '3', '--json'])
  t.equal(exitCode, 1)
  t.match(stderr, /the step runs once more[\s\S]*\| behind\n/)
  t.match(testsOf(stdout), {'tests/steady': {result: 'passed'}, 'tests/flaky': {result: 'flaky'}})
})

t.test('the host tells a fault of the program from one of the target', async t => {
  const files = {
    ...STEADY,
    ...FLAKY,
    'tests/always.test': 'false\n',
    'tests/native.test': '[ "$(uname -m)" = x86_64 ]\n',
  }
  const tree = project(t, files, {build: 'echo built for $XBUILD_TARGET >built', test: 'cat built; make check'})
  const {exitCode, stdout, stderr} = await build(tree, ['--retry', '--check-native', '--json', '--html', 'page.html'])
  t.equal(exitCode, 1)
  t.match(testsOf(stdout), {
    'tests/steady': {result: 'passed'},
    'tests/flaky': {result: 'flaky'},
    'tests/always': {result: 'failed', native: {result: 'failed'}},
    'tests/native': {result: 'failed', native: {result: 'passed'}},
  })
  t.match(stderr, 'native | built for native\n')
  t.match(stderr, `${PROFILE}: tests/always: it fails on the host too`)
  t.match(readFileSync(join(tree, 'page.html'), 'utf8'), /tests\/native<\/summary><p>it passes on the host/)
  t.notOk(existsSync(join(tree, 'built')))
})

t.test('steps cannot change the host; what then cannot be checked is said, with the reason', async t => {
  const mark = `/usr/share/xbuild-test-${process.pid}`
  const tree = project(t, {'tests/always.test': 'false\n'}, {system: `echo x >${mark}`, test: 'make check'})
  const {exitCode, stdout, stderr} = await build(tree, ['--check-native', '--json'])
  t.equal(exitCode, 1)
  t.match(testsOf(stdout), {'tests/always': {result: 'failed', native: {result: 'unknown', why: /^its step system failed/}}})
  t.match(stderr, 'it could not be checked on the host')
  t.notOk(existsSync(mark))
})

t.test("prove's files are run again one by one; what cannot be run alone is said", async t => {
  const steps = {prove: 'prove t', tap: {run: 'printf "1..1\\nnot ok 1 - own\\n"; false', 'allow-failure': true}}
  const files = {
    't/good.t': 'print "1..1\\nok 1\\n";\n',
    't/flaky.t': 'my $ok = -e "seen"; open my $file, ">", "seen"; print "1..1\\n", $ok ? "" : "not ", "ok 1\\n";\n',
  }
  const {exitCode, stdout, stderr} = await build(project(t, files, steps), ['--retry', '--json'])
  t.equal(exitCode, 0)
  t.match(testsOf(stdout, 'prove'), {'t/good.t': {result: 'passed'}, 't/flaky.t': {result: 'flaky'}})
  t.match(stderr, `${PROFILE}: runs again, alone: t/flaky.t\n`)
  t.match(stderr, `${PROFILE}: nobody knows how to run these alone: own\n`)
})

/** What is left of checks on the host. */
const workDirectories = () =>
  readdirSync(join(DATA, 'projects'))
    .map(project => join(DATA, 'projects', project, '.native'))
    .flatMap(directory => (existsSync(directory) ? readdirSync(directory) : []))
    .filter(name => name.startsWith('work-'))

t.test('Ctrl-C ends the check, and leaves nothing of it', async t => {
  const tree = project(
    t,
    {'tests/always.test': 'false\n'},
    {
      hang: 'if [ $XBUILD_TARGET = native ]; then echo ready; sleep 1000; fi',
      test: 'make check',
    },
  )
  const options = {cwd: tree, reject: false, extendEnv: false, env: plainVariables(), stdin: 'ignore'} as const
  const child = execa(process.execPath, [CLI, 'build', '--check-native'], options)
  child.stderr.on('data', chunk => {
    if (String(chunk).includes('native | ready')) child.kill('SIGINT')
  })
  t.match(await child, {exitCode: 130})
  t.same(workDirectories(), [])
})

t.test('a number that is none is refused', async t => {
  const tree = project(t, STEADY)
  t.match(await build(tree, ['--retry', PROFILE]), {
    exitCode: 2,
    stderr: /--retry mips64el: not a number[^\n]*\n {2}where a target follows/,
  })
})
