import {chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {execa} from 'execa'
import t from 'tap'
import {IS_ROOT, processesIn} from './data.js'
import {build, configuration, sourceTree, startBuild} from './project.js'
import {PROFILE} from './rig.js'

t.test('a step that fails ends the build with 1, and says where its output is', async t => {
  const tree = sourceTree(t, configuration({build: 'echo before\nfalse\necho behind', test: 'echo test'}))
  const {exitCode, stderr, stdout} = await build(tree)
  t.equal(exitCode, 1)
  t.match(stdout, /failed, .* – .* failed/)
  t.notMatch(stderr, '| behind')
  t.notMatch(stderr, '| test')
  const log = /its full output is in (.*)/.exec(stderr)?.[1] ?? ''
  t.equal(readFileSync(log, 'utf8'), 'before\n')
})

t.test('where a step may fail, the build goes on', async t => {
  const tree = sourceTree(t, configuration({lint: {run: 'false', 'allow-failure': [PROFILE]}, test: 'echo test'}))
  t.match(await build(tree), {exitCode: 0, stderr: /\| test\n/, stdout: /may fail/})
})

t.test('a step that takes too long is ended, and what it started with it', async t => {
  const tree = sourceTree(t, configuration({hang: {run: 'setsid sleep 1000 &\nsleep 1000', timeout: '2s'}}))
  const {exitCode, stderr, took} = await build(tree)
  t.equal(exitCode, 1)
  t.match(stderr, 'it took longer than 2 s')
  t.ok(took < 60, `${took} s`)
})

t.test('a step that kills its shell, or leaves a daemon, just ends', async t => {
  const killed = sourceTree(t, configuration({build: 'kill -9 $PPID; kill -9 $$'}))
  t.match(await build(killed), {exitCode: 1, stderr: /it ended with 137 \(SIGKILL\)/})
  const daemon = sourceTree(
    t,
    configuration({build: 'setsid sleep 1000 >/dev/null 2>&1 &\necho started', next: 'ps -e | grep -c sleep || true'}),
  )
  const {exitCode, stderr, took} = await build(daemon)
  t.equal(exitCode, 0)
  t.match(stderr, '| 0\n')
  t.ok(took < 60, `${took} s`)
})

t.test('whatever a step prints is shown harmless, and kept as it is', async t => {
  const tree = sourceTree(t, configuration({print: "printf 'a\\033[31mred\\007\\n\\377\\376\\000end\\n'; false"}))
  const {stderr} = await build(tree)
  t.match(stderr, `${PROFILE} | ared\n`)
  const log = /its full output is in (.*)/.exec(stderr)?.[1] ?? ''
  t.same(readFileSync(log), Buffer.from('a\u001b[31mred\u0007\n\xff\xfe\u0000end\n', 'latin1'))
})

t.test('artifacts that are none fail the build, and say why', async t => {
  const tree = sourceTree(
    t,
    configuration({build: 'ln -s /etc/passwd link\nmkdir d\ntouch d/x\nln -s d linked'}, {artifacts: ['nowhere/*', 'd', 'link']}),
  )
  t.match(await build(tree), {exitCode: 1, stderr: /nothing that was built matches "nowhere\/\*", "d"/})
  const artifacts = async (...names: string[]) => {
    writeFileSync(join(tree, 'xbuild-env.json'), JSON.stringify({targets: [PROFILE], steps: {build: 'true'}, artifacts: names}))
    return build(tree)
  }
  t.match(await artifacts('link'), {exitCode: 1, stderr: /link leads out of the tree, to \/etc\/passwd/})
  t.match(await artifacts('linked/x'), {exitCode: 1, stderr: /linked is a symbolic link/})
  t.match(await artifacts('../x'), {exitCode: 2, stderr: /artifacts: is outside the tree/})
  for (const pattern of ['{1..100000000}', 'x'.repeat(70_000), `${'{'.repeat(6000)}a${'}'.repeat(6000)}`]) {
    const refused = await artifacts(pattern)
    t.equal(refused.exitCode, 1, refused.stderr.slice(-1000))
    t.match(refused.stderr, /is not a file pattern: .*\n {2}correct "artifacts" in the configuration\n$/)
    t.ok(refused.stderr.length < 3000)
  }
})

t.test("a program of the host's among the artifacts fails the build, by name", async t => {
  const tree = sourceTree(t, configuration({build: 'true'}, {artifacts: ['bin/*']}))
  mkdirSync(join(tree, 'bin'))
  copyFileSync('/bin/true', join(tree, 'bin/true'))
  t.match(await build(tree), {exitCode: 1, stderr: /bin\/true is a program for another machine than mips64el/})
})

t.test('what names nothing is refused before anything is done', async t => {
  const tree = sourceTree(t, configuration({build: 'true'}))
  t.match(await build(tree, ['--step', 'bild']), {exitCode: 2, stderr: /no step "bild"\n {2}did you mean build\?/})
  t.match(await build(tree, ['mips64xl']), {exitCode: 2, stderr: /no target "mips64xl"/})
  t.match(await build(tree, ['--jobs', 'x']), {exitCode: 2})
  t.match(await build('/'), {exitCode: 2, stderr: /"xbuild-env init" makes one/})
})

t.test('after a kill -9 nothing runs, and the next build starts anew', async t => {
  const tree = sourceTree(
    t,
    configuration({build: 'if [ -e half ]; then echo found half; else echo half >half; echo ready; [ -e go ] || sleep 1000; fi'}),
  )
  const {child} = await startBuild(tree)
  child.kill('SIGKILL')
  await child
  await setTimeout(500)
  t.same(await processesIn(tree), [])
  writeFileSync(join(tree, 'go'), '')
  const next = await build(tree)
  t.match(next, {exitCode: 0, stderr: /the last build was killed: this one starts over/})
  t.notMatch(next.stderr, 'found half')
})

t.test('Ctrl-C ends the build; what make has finished stays, what it has half made does not', async t => {
  const makefile = 'both: one two\none:\n\techo done >one\ntwo: one\n\techo half >two; echo ready; [ -e go ] || sleep 1000\n'
  const tree = sourceTree(t, {Makefile: makefile, ...configuration({build: 'make both'})})
  const {child} = await startBuild(tree)
  child.kill('SIGINT')
  const {exitCode} = await child
  t.equal(exitCode, 130)
  writeFileSync(join(tree, 'go'), '')
  const next = await build(tree)
  t.match(next, {exitCode: 0})
  t.notMatch(next.stderr, 'starts over')
  t.notMatch(next.stderr, '| echo done')
  t.match(next.stderr, '| echo half')
})

t.test('two builds of one project and target do not mix', async t => {
  const tree = sourceTree(t, configuration({build: 'echo ready; sleep 1000'}))
  const {child} = await startBuild(tree)
  t.match(await build(tree), {exitCode: 125, stderr: /another command works on it already/})
  child.kill('SIGTERM')
  t.match(await child, {exitCode: 143})
})

t.test('a tree that holds the data itself is refused', async t => {
  const tree = sourceTree(t, configuration({build: 'true'}))
  t.match(await build(tree, [], {variables: {XBUILD_ENV_DATA: join(tree, 'data')}}), {
    exitCode: 125,
    stderr: /holds the environments themselves/,
  })
})

t.test(
  'where sessions do not have the group of what a step changes, it says so, and what to do',
  {skip: !IS_ROOT && 'only root gives a file to a group that it is not in'},
  async t => {
    const tree = sourceTree(t, configuration({build: 'echo more >>given'}))
    writeFileSync(join(tree, 'given'), '')
    chownSync(join(tree, 'given'), 0, 100_000) // sessions have 65536
    const failed = await build(tree)
    t.equal(failed.exitCode, 1)
    t.match(failed.stderr, `sessions do not have the owner or group of ${join(tree, 'given')}, `)
    const hint = /give them your own group: (.*)\n/.exec(failed.stderr)?.[1] ?? 'false'
    await execa('sh', ['-c', hint])
    t.match(await build(tree), {exitCode: 0})
  },
)
