import {copyFileSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {PROFILE, scratch, xbuild} from './rig.js'
import {find, traced} from './traced.js'

const FIXTURES = fileURLToPath(new URL('gcc-options/', import.meta.url))

/** The files of a directory, by name; each character is a byte. */
const filesOf = (directory: string) => new Map(readdirSync(directory).map(name => [name, readFileSync(join(directory, name), 'latin1')]))

t.test('rarer options give the same files in both modes', async t => {
  const work = scratch(t)
  for (const name of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, name), join(work, name))
  for (const mode of ['hybrid', 'emulated']) {
    const built = await xbuild(['run', PROFILE, '--ephemeral', '--mode', mode, '--', 'sh', './options.sh', `${work}/${mode}`], {cwd: work})
    t.equal(built.exitCode, 0, built.stderr)
  }
  const [hybrid, emulated] = [filesOf(join(work, 'hybrid')), filesOf(join(work, 'emulated'))]
  t.same([...hybrid.keys()], [...emulated.keys()])
  for (const [name, bytes] of hybrid) t.ok(bytes === emulated.get(name), `${name} is the same`)
  t.match(hybrid.get('ran'), /^lto-mixed: 24 73$/m)
  t.equal(hybrid.get('path-ld'), '1\n')
  t.match(hybrid.get('gcov'), /Lines executed:100\.00%/)
  t.match(hybrid.get('own-log'), /^own\/as .*\nown\/ld /m)
})

t.test("what configure asks a compiler that may be another vendor's is answered native", async t => {
  const {spans} = await traced(t, 'for option in -V -qversion --version -v; do gcc $option; g++ $option; done')
  for (const program of ['gcc', 'g++'].map(name => `mips64el-linux-gnuabi64-${name}-12`)) {
    const answers = find(spans, program).map(span => [span.arguments[1], span.outcome.kind])
    t.same(answers, [
      ['-V', 'routed'],
      ['-qversion', 'routed'],
      ['--version', 'argument'],
      ['-v', 'argument'],
    ])
  }
})

/** An environment of the tests' own, with packages that every other does without. */
const NAME = 'compiling'
t.teardown(() => xbuild(['remove', NAME]))

t.test('packages beyond those of a build are installed', async t => {
  await xbuild(['create', PROFILE, '--name', NAME], {cwd: '/'})
  const installed = await xbuild(['install', NAME, 'ccache', 'gcc-12-plugin-dev'], {cwd: '/'})
  t.equal(installed.exitCode, 0, installed.stderr)
})

t.test('a plugin that was compiled in the environment is loaded, by a compiler that is emulated for it', async t => {
  const work = scratch(t)
  for (const name of ['plugin.cc', 'main.c']) copyFileSync(join(FIXTURES, name), join(work, name))
  const script = `set -e
    g++ -shared -fPIC -fno-rtti -I"$(gcc -print-file-name=plugin)/include" plugin.cc -o plugin.so
    gcc -fplugin=./plugin.so -c main.c -o with.o
    printf -- '-fplugin=./plugin.so -c main.c -o response.o' >response
    gcc @response
    gcc -c main.c -o without.o
    objcopy --remove-section=.comment with.o
    objcopy --remove-section=.comment without.o
    cmp with.o without.o`
  const {exitCode, stderr} = await xbuild(['run', NAME, '--ephemeral', '--', 'sh', '-c', script], {cwd: work})
  t.match({exitCode, stderr}, {exitCode: 0, stderr: 'plugin was here\nplugin was here\n'})
})

t.test('ccache in the environment, with its cache on the host, hits from session to session and from mode to mode', async t => {
  const [work, cache] = [scratch(t), scratch(t)]
  copyFileSync(join(FIXTURES, 'main.c'), join(work, 'main.c'))
  const script =
    'ccache gcc -O2 -g -c main.c -o $0.o && objcopy --remove-section=.comment $0.o && ccache --print-stats | grep ^direct_cache_hit'
  const answers: string[] = []
  for (const [object, mode] of [
    ['filled', 'hybrid'],
    ['hybrid', 'hybrid'],
    ['emulated', 'emulated'],
  ] as const) {
    const args = ['--ephemeral', '--mode', mode, '--bind', `${cache}:/cache`, '--env', 'CCACHE_DIR=/cache']
    answers.push((await xbuild(['run', NAME, ...args, '--', 'sh', '-c', script, object], {cwd: work})).stdout.trim())
  }
  t.same(
    answers.map(answer => answer.split(/\s+/).at(-1)),
    ['0', '1', '2'],
  )
  for (const object of ['hybrid', 'emulated']) t.same(readFileSync(join(work, `${object}.o`)), readFileSync(join(work, 'filled.o')))
})
