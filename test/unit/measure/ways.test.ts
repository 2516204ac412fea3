import t from 'tap'
import type {BenchPackage} from '../../../lib/config/bench.js'
import {nativeWay, packageWay, skippedForLackOf, treeWay} from '../../../lib/measure/ways.js'

const TRIPLE = 'x86_64-linux-gnu'

const pack: BenchPackage = {
  name: 'hello',
  kind: 'an example',
  source: 'hello',
  build: 'make',
  cross: {build: 'make CC={triple}-gcc LD={triple}-ld', programs: {'{triple}-gcc': 'gcc-{triple}'}},
  environment: ['cmake'],
  host: {gcc: 'gcc', cmake: 'cmake'},
}

const all = () => true
const none = () => false

t.test('the modes of the environment do the build as it is, whatever the host has', async t => {
  for (const mode of ['hybrid', 'emulated'] as const) t.same(packageWay(pack, mode, TRIPLE, none), {kind: 'command', command: 'make'})
})

t.test('a native build is the same command', async t => {
  t.same(packageWay(pack, 'native', TRIPLE, all), {kind: 'command', command: 'make'})
})

t.test("a cross build has the target's triple filled in", async t => {
  t.same(packageWay(pack, 'cross', TRIPLE, all), {kind: 'command', command: 'make CC=x86_64-linux-gnu-gcc LD=x86_64-linux-gnu-ld'})
})

t.test('a mode whose programs the host lacks is skipped, with the packages that have them', async t => {
  t.same(
    packageWay(pack, 'native', TRIPLE, name => name !== 'cmake'),
    {
      kind: 'skipped',
      reason: 'the host has no cmake',
      fix: 'apt-get install cmake',
    },
  )
  t.same(
    packageWay(pack, 'cross', TRIPLE, name => name === 'gcc'),
    {
      kind: 'skipped',
      reason: 'the host has no cmake and no x86_64-linux-gnu-gcc',
      fix: 'apt-get install cmake gcc-x86-64-linux-gnu',
    },
  )
})

t.test('a package that cannot be cross built says why, even where all programs are there', async t => {
  t.same(packageWay({...pack, cross: {none: 'no such build'}}, 'cross', TRIPLE, all), {kind: 'skipped', reason: 'no such build'})
})

t.test("a tree of the user's is cross built only with a command for it", async t => {
  t.match(treeWay('make', undefined, 'cross', TRIPLE, all), {kind: 'skipped', fix: '--cross-build CMD'})
  t.same(treeWay('make', 'make CC={triple}-gcc', 'cross', TRIPLE, all), {kind: 'command', command: 'make CC=x86_64-linux-gnu-gcc'})
  t.match(treeWay('make', 'make', 'cross', TRIPLE, none), {kind: 'skipped', reason: 'the host has no x86_64-linux-gnu-gcc'})
  t.same(treeWay('make', undefined, 'native', TRIPLE, none), {kind: 'command', command: 'make'})
})

t.test('programs are looked for on the host: a shell is there, and what nobody has is not', async t => {
  t.equal(skippedForLackOf({sh: 'dash'}), undefined)
  t.match(skippedForLackOf({sh: 'dash', 'no-such-program-at-all': 'nothing'}), {fix: 'apt-get install nothing'})
})

t.test("in an environment of the host's own architecture there is one way, the native one", async t => {
  t.same(nativeWay('make', 'native'), {kind: 'command', command: 'make'})
  for (const mode of ['hybrid', 'emulated', 'cross'] as const)
    t.match(nativeWay('make', mode), {kind: 'skipped', reason: /own architecture/})
})
