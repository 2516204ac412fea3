import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {execa} from 'execa'
import t from 'tap'
import {configuration, sourceTree} from './project.js'
import {CLI, plainVariables} from './rig.js'

/** A watching build, and a way to wait until it has said something so many times. */
function watch(t: {teardown: (undo: () => void) => void}, tree: string) {
  const options = {cwd: tree, reject: false, extendEnv: false, env: plainVariables(), stdin: 'ignore'} as const
  const child = execa(process.execPath, [CLI, 'build', '--watch'], options)
  t.teardown(() => void child.kill('SIGKILL'))
  let text = ''
  child.stderr.on('data', chunk => {
    text += chunk
  })
  const count = (what: string) => text.split(what).length - 1
  const until = async (what: string, times: number) => {
    while (count(what) < times) await setTimeout(20)
  }
  return {child, count, until}
}

const STEP = {build: 'echo step; touch made; [ ! -e slow ] || sleep 1000'}

t.test('a saved file builds again; what is ignored, and what the build writes, does not', async t => {
  const tree = sourceTree(t, {
    '.gitignore': '*.log\n',
    'a.c': '1',
    ...configuration(STEP, {watch: {ignore: ['*.swp']}, artifacts: ['made']}),
  })
  const {child, count, until} = watch(t, tree)
  await until('watching ', 1)
  const start = performance.now()
  writeFileSync(join(tree, 'a.c'), '2')
  await until('build begins', 2)
  t.comment(`from the save to the step's start: ${Math.round(performance.now() - start)} ms`)
  await until('watching ', 2)
  for (const name of ['x.log', 'a.c.swp', 'out/own']) writeFileSync(join(tree, name), 'x')
  await setTimeout(2000)
  t.equal(count('build begins'), 2)
  mkdirSync(join(tree, 'new'))
  await until('watching ', 3)
  for (let i = 0; i < 500; i++) writeFileSync(join(tree, `new/${i}`), 'x')
  await until('watching ', 4)
  t.ok(count('build begins') < 10, 'changes in a row are few builds')
  child.kill('SIGINT')
  t.match(await child, {exitCode: 130})
})

t.test('a build starts at the first step that the change matters to', async t => {
  const steps = {configure: {run: 'echo configured', inputs: ['/configure']}, build: STEP.build}
  const tree = sourceTree(t, {configure: '1', 'a.c': '1', ...configuration(steps, {artifacts: ['made']})})
  const {child, count, until} = watch(t, tree)
  await until('watching ', 1)
  writeFileSync(join(tree, 'a.c'), '2')
  await until('watching ', 2)
  t.equal(count('configure begins'), 1)
  writeFileSync(join(tree, 'slow'), '')
  await until('| step', 3)
  writeFileSync(join(tree, 'configure'), '2')
  await until('| configured', 2)
  child.kill('SIGTERM')
  t.match(await child, {exitCode: 143})
})

t.test('a build that runs is ended by the next change; a mistake in the configuration is told, and waited out', async t => {
  const tree = sourceTree(t, {slow: '', ...configuration(STEP)})
  const {child, until} = watch(t, tree)
  await until('| step', 1)
  writeFileSync(join(tree, 'xbuild-env.json'), '{"targets": ["mips64xl"]}')
  await until('did you mean "mips64el"?', 1)
  writeFileSync(join(tree, 'xbuild-env.json'), configuration({build: 'echo mended'})['xbuild-env.json'])
  await until('| mended', 1)
  child.kill('SIGTERM')
  t.match(await child, {exitCode: 143})
})
