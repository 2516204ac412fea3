import {fileURLToPath} from 'node:url'
import t from 'tap'
import {copyOf, runInBothModes, sameInBothModes} from './both-modes.js'
import {PROFILE, scratch, xbuild} from './rig.js'
import {find, traced} from './traced.js'

/** An environment of the test's own, with clang and LLVM: 1.6 GB. */
const NAME = 'clang'
const SOURCES = fileURLToPath(new URL('clang/', import.meta.url))
const CLANG = '/usr/lib/llvm-14/bin/clang'

t.before(async () => {
  await xbuild(['create', PROFILE, '--name', NAME])
  const packages = ['clang', 'clang-format', 'clang-tidy', 'libc++-dev', 'libc++abi-dev', 'libclang-rt-14-dev', 'lld', 'llvm']
  const installed = await xbuild(['install', NAME, ...packages])
  t.equal(installed.exitCode, 0, installed.stderr)
})
t.teardown(() => xbuild(['remove', NAME]))

const sources = () => copyOf(SOURCES, scratch(t))

/** clang gives what it writes for itself names of its own each time. */
const withoutTemporary = (text: string) => text.replace(/\/tmp\/(\w+)-[0-9a-f]{6}\b/g, '/tmp/$1')

t.test('what is built is the same in both modes, and clang says the same of itself', async t => {
  const work = sources()
  const both = await runInBothModes(t, NAME, ['./build.sh'], work)
  sameInBothModes(t, both, withoutTemporary)
  t.match(both.hybrid.get('ran'), /^disc 97\.5\nsquare 30\ntwo\n0x1\.[0-9a-f]+p\+\d+ 90\n$/)
  t.match(both.hybrid.get('says'), /^Target: mips64el-unknown-linux-gnuabi64$/m)
})

t.test('all of a build is native, and what may load a plugin, or asks for this machine’s processor, is emulated', async t => {
  const {spans, result} = await traced(t, 'clang++ -O1 -x c++ numbers.c shapes.cc -o /tmp/a && clang -march=native -E numbers.c', [], {
    environment: NAME,
    cwd: sources(),
  })
  t.equal(result.exitCode, 1, 'nothing knows a processor of this name')
  const outcomes = (name: string) => find(spans, name).map(({outcome}) => outcome.kind)
  t.same([...new Set(outcomes('mips64el-linux-gnuabi64-ld.bfd'))], ['routed'], result.stderr)
  t.same(outcomes('clang').at(-1), 'argument')
  t.same([...new Set(outcomes('clang').slice(0, -1))], ['routed'])
  const plugin = await traced(t, `${CLANG} -fplugin=/nonexistent.so -c numbers.c`, [], {environment: NAME, cwd: sources()})
  t.same(
    find(plugin.spans, 'clang').map(({outcome}) => outcome.kind),
    ['argument'],
  )
})
