import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {build, configuration, HELLO, MAKEFILE, sourceTree, startBuild} from './project.js'
import {CLI, PROFILE, plainVariables} from './rig.js'

/** A shell gets its commands from standard input, as it would from a terminal. */
const look = (tree: string, commands: string, args: readonly string[] = []) =>
  build(tree, ['--shell', ...args], {input: commands, stdin: 'pipe'})

const FAILING = {
  prepare: 'echo of the root >/usr/local/etc/own; echo kept >made',
  test: 'echo before; cat missing; echo behind',
}

t.test('a shell is where the step failed: its tree, what earlier steps changed, its variables, its script', async t => {
  const tree = sourceTree(t, {'hello.c': HELLO, Makefile: MAKEFILE, ...configuration(FAILING, {env: {OWN: 'a b'}})})
  const failed = await build(tree, ['--jobs', '3'])
  t.equal(failed.exitCode, 1)
  t.match(failed.stderr, `\n  open a shell where it failed: xbuild-env build --shell ${PROFILE}\n`)
  const commands = `cat made /usr/local/etc/own; pwd; echo "$XBUILD_TARGET $XBUILD_JOBS $OWN $XBUILD_STEP"; make -s hello && ./hello
echo there >missing; sh -e -c "$XBUILD_SCRIPT"; exit 7`
  const {exitCode, stdout, stderr} = await look(tree, commands, [PROFILE])
  t.equal(exitCode, 7, stderr)
  t.equal(stdout, `kept\nof the root\n${tree}\n${PROFILE} 3 a b test\nhello\nbefore\nthere\nbehind\n`)
  t.match(stderr, `${PROFILE}, step test, failed: it ended with 1\n`)
  t.notOk(existsSync(join(tree, 'made')))
  t.notOk(existsSync(join(tree, 'missing')))
  const next = await build(tree, ['--step', 'test'])
  t.match(next, {exitCode: 0, stderr: /\| there\n/}, 'what was changed there, the next build finds')
})

t.test('what a step changed outside of the tree is there until the next build begins', async t => {
  const tree = sourceTree(t, configuration(FAILING))
  await build(tree)
  t.match(await look(tree, 'cat /usr/local/etc/own'), {stdout: 'of the root\n'})
  await build(tree, ['--step', 'test'])
  t.match(await look(tree, 'cat /usr/local/etc/own 2>&1'), {stdout: /No such file/})
})

t.test("the user's own changes count there too; another step can be named, and without one that failed it is the last", async t => {
  const tree = sourceTree(t, {note: 'old\n', ...configuration({build: 'echo built >made; cat note', test: 'true'})})
  t.match(await build(tree), {exitCode: 0})
  writeFileSync(join(tree, 'note'), 'new\n')
  t.match(await look(tree, 'cat note made; echo $XBUILD_STEP'), {exitCode: 0, stdout: 'new\nbuilt\ntest\n'})
  t.match(await look(tree, 'echo $XBUILD_STEP', ['--step', 'build']), {stdout: 'build\n'})
})

t.test('in place, the shell is in the tree itself', async t => {
  const tree = sourceTree(t, configuration({build: 'false'}, {'in-place': true}))
  await build(tree)
  t.match(await look(tree, 'echo x >made'), {exitCode: 0})
  t.equal(readFileSync(join(tree, 'made'), 'utf8'), 'x\n')
})

t.test('what has no build, and what makes no sense with a shell, is refused with what to do', async t => {
  const tree = sourceTree(t, {
    'xbuild-env.json': JSON.stringify({targets: [PROFILE, {profile: PROFILE, name: 'other'}], steps: {build: 'false'}}),
  })
  const first = await look(tree, '', [PROFILE])
  t.match(first, {
    exitCode: 1,
    stderr: new RegExp(`there is nothing of a build of it\\n {2}build it first: xbuild-env build ${PROFILE}\\n$`),
  })
  await build(tree, ['--keep-going', '--jobs', '1'])
  t.match(await look(tree, ''), {exitCode: 2, stderr: new RegExp(`which target\\? ${PROFILE}, other failed\\n {2}name one: `)})
  t.match(await look(tree, '', ['--clean']), {exitCode: 2, stderr: /--shell builds nothing: --clean means nothing with it/})
})

t.test('while one looks, the target is not built', async t => {
  const tree = sourceTree(t, configuration({build: 'false'}))
  await build(tree)
  const child = execa(process.execPath, [CLI, 'build', '--shell'], {cwd: tree, reject: false, extendEnv: false, env: plainVariables()})
  await new Promise<void>(resolve => {
    child.stdout.once('data', () => resolve())
    child.stdin.write('echo ready\n')
  })
  t.match(await build(tree), {exitCode: 125, stderr: /another command works on it already/})
  child.stdin.end('exit 0\n')
  t.match(await child, {exitCode: 0})
})

t.test('build log prints what a step printed, as it is', async t => {
  const tree = sourceTree(t, configuration({build: "printf 'a\\033[31mb\\n'", test: 'echo of the test; false'}))
  await build(tree)
  t.match(await build(tree, ['log', PROFILE, 'build']), {exitCode: 0, stdout: 'a\u001b[31mb\n', stderr: ''})
  t.match(await build(tree, ['log', PROFILE]), {exitCode: 0, stdout: 'of the test\n'}, 'the one that failed')
  t.match(await build(tree, ['log', PROFILE, 'tset']), {exitCode: 2, stderr: /no step "tset"\n {2}did you mean test\?/})
  t.match(await build(tree, ['log', PROFILE, 'test', '--run', '1']), {exitCode: 2, stderr: /test ran once/})
  await build(tree, ['--step', 'build'])
  t.match(await build(tree, ['log', PROFILE, 'test']), {exitCode: 0, stdout: 'of the test\n'})
})

t.test('a target that is called log is built as any other', async t => {
  const tree = sourceTree(t, {'xbuild-env.json': JSON.stringify({targets: [{profile: PROFILE, name: 'log'}], steps: {build: 'true'}})})
  t.match(await build(tree), {exitCode: 0, stdout: /log .* built/})
})

t.test('the reports say why a step failed: its first error, and its last lines', async t => {
  const script = 'seq 100; echo "src/a.c:3:1: error: no <such> thing" >&2; seq 200 260; exit 2'
  const tree = sourceTree(t, {'src/a.c': '', ...configuration({build: script})})
  const summary = join(tree, 'summary.md')
  const files = ['--junit', 'junit.xml', '--html', 'page.html', '--code-quality', 'quality.json']
  const variables = {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: join(tree, '..')}
  const {exitCode, stderr} = await build(tree, files, {variables})
  t.equal(exitCode, 1)
  const junit = readFileSync(join(tree, 'junit.xml'), 'utf8')
  t.match(junit, '<failure message="it ended with 2: src/a.c:3:1: error: no &lt;such&gt; thing">')
  t.match(junit, 'the last 50 of 162 lines:\n211\n')
  t.match(readFileSync(join(tree, 'page.html'), 'utf8'), '<mark>src/a.c:3:1: error: no &lt;such&gt; thing</mark>')
  t.match(stderr, `::error file=project/src/a.c,line=3,title=${PROFILE}%3A build::it ended with 2: src/a.c:3:1: error: no <such> thing\n`)
  t.match(readFileSync(summary, 'utf8'), '### xbuild-env: 0 of 1 target built')
  t.match(JSON.parse(readFileSync(join(tree, 'quality.json'), 'utf8')), [{location: {path: 'src/a.c', lines: {begin: 3}}}])
})

/** A build whose first target fails while the second goes on, until it is told to end. */
const TWO = {targets: [PROFILE, {profile: PROFILE, name: 'other'}]}

t.test('a target that had more to do when another failed is stopped, not built', async t => {
  const steps = {one: 'if [ $XBUILD_TARGET != other ]; then sleep 1; false; fi; sleep 3', two: 'true'}
  const tree = sourceTree(t, {'xbuild-env.json': JSON.stringify({...TWO, steps})})
  const {exitCode, stdout} = await build(tree, ['--jobs', '2'])
  t.equal(exitCode, 1)
  t.match(stdout, /^other .* stopped$/m)
})

t.test('Ctrl-C leaves the table and the reports of this build, and kill -9 none of an earlier one', async t => {
  const steps = {one: 'true', two: 'echo ready; [ ! -e wait ] || sleep 1000'}
  const tree = sourceTree(t, {'xbuild-env.json': JSON.stringify({targets: [PROFILE], steps})})
  const reports = ['--junit', 'junit.xml', '--html', 'page.html']
  t.match(await build(tree, reports), {exitCode: 0})
  writeFileSync(join(tree, 'wait'), '')
  const begin = async (signal: NodeJS.Signals) => {
    const {child} = await startBuild(tree, reports)
    child.kill(signal)
    return child
  }
  const {exitCode, stdout, stderr} = await begin('SIGINT')
  t.equal(exitCode, 130)
  t.match(stdout, /TARGET +ONE +TWO[^\n]*\n[^\n]+ stopped, [^\n]+ stopped$/)
  t.match(stderr, /interrupted \(SIGINT\)\n {2}what was built so far is kept/)
  t.match(readFileSync(join(tree, 'junit.xml'), 'utf8'), /<error message="stopped: interrupted \(SIGINT\)"\/>/)
  t.match(readFileSync(join(tree, 'page.html'), 'utf8'), 'stopped: interrupted (SIGINT)')
  await begin('SIGKILL')
  t.notOk(existsSync(join(tree, 'junit.xml')))
  t.notOk(existsSync(join(tree, 'page.html')))
})

t.test('what is copied out is kept out of git, and what the user has there stays', async t => {
  const tree = sourceTree(t, configuration({build: 'touch made'}, {artifacts: ['made']}))
  await build(tree)
  t.equal(readFileSync(join(tree, 'out/.gitignore'), 'utf8'), '*\n')
  const own = sourceTree(t, configuration({build: 'touch made'}, {artifacts: ['made']}))
  mkdirSync(join(own, 'out'))
  writeFileSync(join(own, 'out/.gitignore'), 'mine\n')
  await build(own)
  t.equal(readFileSync(join(own, 'out/.gitignore'), 'utf8'), 'mine\n')
})
