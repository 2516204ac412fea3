import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {copiedData, IS_ROOT, xbuildIn} from './data.js'
import {build, configuration, HELLO, MAKEFILE, sourceTree} from './project.js'
import {PROFILE, xbuild} from './rig.js'

const OUT = join('out', PROFILE)

/** What each step of the only target ended with. */
const stepResults = (json: string) =>
  JSON.parse(json).targets[0].steps.map(({step, result}: {step: string; result: string}) => [step, result])

t.test('a tree is built beside itself, and only what is new is built again', async t => {
  const steps = {build: 'make', test: './hello'}
  const tree = sourceTree(t, {Makefile: MAKEFILE, 'hello.c': HELLO, ...configuration(steps, {artifacts: ['hello', '*.o']})})
  const before = readdirSync(tree)
  const first = await build(tree)
  t.match(first, {exitCode: 0, stdout: new RegExp(`${PROFILE} .* built`)})
  t.match(first.stderr, `${PROFILE} | hello\n`)
  t.same(
    readdirSync(tree).filter(name => name !== 'out'),
    before,
  )
  const manifest = JSON.parse(readFileSync(join(tree, OUT, 'manifest.json'), 'utf8'))
  const bytes = readFileSync(join(tree, OUT, 'hello'))
  t.match(manifest, {
    target: PROFILE,
    steps: [{name: 'build', run: 'make'}, {name: 'test'}],
    artifacts: [{path: 'hello', size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex')}, {path: 'hello.o'}],
  })
  t.type(manifest.environment.packages['gcc-12'], 'string')
  t.match((await build(tree)).stderr, "make: 'hello' is up to date.")
  writeFileSync(join(tree, 'hello.c'), HELLO.replace('hello', 'changed'))
  t.match((await build(tree)).stderr, `${PROFILE} | changed\n`)
  t.match((await build(tree, ['--clean'])).stderr, 'cc    -c -o hello.o hello.c')
})

t.test("what a build changed and the user has changed since is the user's", async t => {
  const steps = {build: 'cat note part/a\necho built >note\nrm -rf part\nmkdir part\necho built >part/a\necho built >made'}
  const tree = sourceTree(t, {note: 'mine\n', 'part/a': 'mine\n', ...configuration(steps)})
  t.match((await build(tree)).stderr, '| mine\n')
  const second = await build(tree)
  t.match(second.stderr, '| built\n')
  t.notMatch(second.stderr, 'yours is used')
  t.equal(readFileSync(join(tree, 'note'), 'utf8'), 'mine\n')
  writeFileSync(join(tree, 'note'), 'mine again\n')
  writeFileSync(join(tree, 'part/a'), 'mine too\n')
  writeFileSync(join(tree, 'made'), 'mine as well\n')
  const third = await build(tree)
  t.match(third.stderr, `${PROFILE}: changed by a build, and by you since; yours is used: made, note, part\n`)
  t.match(third.stderr, '| mine again\n')
  t.match(third.stderr, '| mine too\n')
  rmSync(join(tree, 'note'))
  const fourth = await build(tree)
  t.match(fourth, {exitCode: 1})
  t.match(fourth.stderr, 'cat: note: No such file')
})

t.test('what steps change outside of the tree lasts to the end of the build', async t => {
  const steps = {
    install: '[ ! -e /usr/local/bin/own ]\nprintf "#!/bin/sh\\necho from own\\n" >/usr/local/bin/own\nchmod +x /usr/local/bin/own',
    use: 'own',
  }
  const tree = sourceTree(t, configuration(steps))
  for (const _ of [1, 2]) t.match(await build(tree), {exitCode: 0, stderr: /\| from own\n/})
})

t.test('what is kept of a tree that is gone goes with what nobody uses', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  const [gone, there] = [sourceTree(t, configuration({build: 'touch made'})), sourceTree(t, configuration({build: 'touch made'}))]
  for (const tree of [gone, there]) t.match(await xbuildIn(data, ['build'], {cwd: tree}), {exitCode: 0})
  rmSync(gone, {recursive: true})
  t.match(await xbuildIn(data, ['remove', '--unused']), {exitCode: 0, stderr: /removed .*\/projects\//})
  t.equal(readdirSync(join(data, 'projects')).length, 1)
  t.match((await xbuildIn(data, ['build', '--json'], {cwd: there})).stdout, '"result": "passed"')
})

t.test('steps can be chosen, and find their variables', async t => {
  const steps = {one: 'echo one of $XBUILD_TARGET, $XBUILD_JOBS jobs, $OWN', two: 'echo two', three: 'echo three'}
  const tree = sourceTree(t, configuration(steps, {env: {OWN: 'a b'}}))
  const one = await build(tree, ['--step', 'one', '--jobs', '3'])
  t.match(one.stderr, `| one of ${PROFILE}, 3 jobs, a b\n`)
  t.notMatch(one.stderr, '| two')
  t.same(stepResults((await build(tree, ['--from', 'two', '--json'])).stdout), [
    ['two', 'passed'],
    ['three', 'passed'],
  ])
})

t.test('in place, the files come into the tree', async t => {
  const tree = sourceTree(t, {
    Makefile: MAKEFILE,
    'hello.c': HELLO,
    ...configuration({build: 'make'}, {'in-place': true, artifacts: ['hello']}),
  })
  t.match(await build(tree), {exitCode: 0})
  t.ok(existsSync(join(tree, 'hello')))
  t.ok(existsSync(join(tree, OUT, 'hello')))
})

t.test(
  'in place, a program that a step left with its owner’s rights is told, where the host’s root is the session’s',
  {skip: IS_ROOT ? false : 'not root'},
  async t => {
    const tree = sourceTree(t, configuration({build: 'cp /bin/true left; chmod 4755 left'}, {'in-place': true}))
    const {stderr} = await build(tree)
    t.match(stderr, `the session left a program there that runs with its owner's rights, whoever starts it: ${join(tree, 'left')}\n`)
  },
)

t.test('a tree may lie at a path with spaces, a colon, a line break, and have links in a circle', async t => {
  for (const name of ['with space', 'a:b,c=d', 'line\nbreak', '-dash']) {
    const tree = sourceTree(t, {Makefile: MAKEFILE, 'hello.c': HELLO, ...configuration({build: 'make'}, {artifacts: ['**/hello']})}, name)
    symlinkSync('.', join(tree, 'circle'))
    t.match(await build(tree), {exitCode: 0}, JSON.stringify(name))
    t.same(readdirSync(join(tree, OUT)), ['hello', 'manifest.json'])
  }
})

t.test('links are copied as links, and what is no longer made goes', async t => {
  const steps = {build: 'mkdir -p lib\necho 1 >lib/libx.so.1\nln -sf libx.so.1 lib/libx.so\n[ -e once ] || touch lib/extra\ntouch once'}
  const tree = sourceTree(t, configuration(steps, {artifacts: ['lib/*']}))
  t.match(await build(tree), {exitCode: 0})
  t.same(readdirSync(join(tree, OUT, 'lib')), ['extra', 'libx.so', 'libx.so.1'])
  await xbuild(['build'], {cwd: tree})
  writeFileSync(join(tree, 'xbuild-env.json'), JSON.stringify({targets: [PROFILE], steps: {build: 'rm lib/extra'}, artifacts: ['lib/*']}))
  t.match(await build(tree), {exitCode: 0})
  t.same(readdirSync(join(tree, OUT, 'lib')), ['libx.so', 'libx.so.1'])
})

t.test('--dry-run says what would be done, and does nothing', async t => {
  const tree = sourceTree(t, configuration({build: 'touch made'}, {artifacts: ['made']}))
  const {exitCode, stdout} = await build(tree, ['--dry-run'])
  t.equal(exitCode, 0)
  t.match(stdout, 'build: touch made')
  t.match(stdout, `copy made to ${OUT}`)
  t.notOk(existsSync(join(tree, 'out')))
})

t.test('init writes what build can build', async t => {
  const tree = sourceTree(t, {Makefile: `${MAKEFILE}check: hello\n\t./hello\n`, 'hello.c': HELLO})
  const made = await xbuild(['init', PROFILE], {cwd: tree})
  t.match(made, {exitCode: 0, stderr: /wrote xbuild-env\.yaml, since there is a Makefile/})
  t.match(await build(tree), {exitCode: 0, stderr: /\| hello\n/})
  t.match(await xbuild(['init'], {cwd: tree}), {exitCode: 2, stderr: /there is already a configuration/})
})

t.test('tests are counted, named, and reported', async t => {
  const steps = {test: {run: "printf '1..3\\nok 1 - one\\nnot ok 2 - two\\nok 3 # SKIP\\n'\nexit 1", 'allow-failure': true}}
  const tree = sourceTree(t, configuration(steps))
  const result = await build(tree, ['--junit', 'report.xml'])
  t.match(result, {exitCode: 0, stdout: /1 of 2 passed, 1 skipped/})
  t.match(result.stderr, `${PROFILE}: test failed: two\n`)
  t.match(readFileSync(join(tree, 'report.xml'), 'utf8'), `<testsuite name="${PROFILE}.test" tests="3" failures="1" skipped="1"`)
})
