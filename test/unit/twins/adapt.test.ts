import {execFileSync} from 'node:child_process'
import {existsSync, linkSync, mkdirSync, readFileSync, truncateSync} from 'node:fs'
import {dirname, join} from 'node:path'
import t, {type Test} from 'tap'
import {parseElf} from '../../../lib/core/elf/header.js'
import {hostArchitecture} from '../../../lib/core/hosts/hosts.js'
import {HEAP_LOADER, LOADER} from '../../../lib/core/places.js'
import {adaptTwins} from '../../../lib/twins/adapt.js'
import {readScanned, scanTwins} from '../../../lib/twins/scan.js'
import {readUnadapted} from '../../../lib/twins/unadapted.js'
import {TARGET} from './target.js'

const ONLY_X64 = {skip: process.arch === 'x64' ? false : 'twins are x86-64 programs'}

const HOST = hostArchitecture('x64')
const LIBRARIES = `usr/lib/${HOST.triple}`
const DRIVER = `usr/bin/${TARGET.triple}-gcc-12`
const PROGRAM = ['int main(void) { return 0; }']

/** Compiles into a tree: `path: [source, flag …]`. */
function treeOf(t: Test, files: Record<string, readonly string[]>): string {
  const tree = t.testdir({})
  mkdirSync(join(tree, LIBRARIES), {recursive: true})
  for (const [path, [source = '', ...flags]] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), {recursive: true})
    execFileSync('cc', ['-x', 'c', '-o', join(tree, path), '-', ...flags], {input: source})
  }
  return tree
}

const LIBRARY = ['int none;', '-shared', '-nostdlib'] as const
const adapt = (tree: string) => adaptTwins({tree, preloads: []}, {host: HOST, target: TARGET})

function loaderOf(tree: string, path: string): string {
  const bytes = readFileSync(join(tree, path))
  const {offset = 0, size = 0} = parseElf(bytes)?.interpreter ?? {}
  return bytes.toString('latin1', offset, offset + size).split('\0')[0] ?? ''
}

t.test('a program names the private loader, a linker the one for much memory', ONLY_X64, async t => {
  const linker = `usr/bin/${TARGET.triple}-ld.bfd`
  const tree = treeOf(t, {'usr/bin/true': PROGRAM, [linker]: PROGRAM})
  await adapt(tree)
  t.equal(loaderOf(tree, 'usr/bin/true'), LOADER)
  t.equal(loaderOf(tree, linker), HEAP_LOADER)
  t.same(readUnadapted(tree), new Map())
})

t.test('modules of python come to the libraries, also of packages that bring no library themselves', ONLY_X64, async t => {
  const tree = t.testdir({usr: {lib: {python3: {'dist-packages': {'one.py': ''}}}}})
  await adapt(tree)
  t.ok(existsSync(join(tree, LIBRARIES, 'python3/dist-packages/one.py')))
})

t.test('a program that its kind was not written for stays as it is, and the scan says why it is no twin', ONLY_X64, async t => {
  const files = {
    [DRIVER]: ['gcc', 'spec cross_compile'],
    [`usr/lib/gcc-cross/${TARGET.triple}/12/cc1`]: ['gcc', 'is not in the compiler'],
    [`usr/lib/gcc-cross/${TARGET.triple}/12/collect2`]: ['gcc', 'collect2 is not the one'],
    'usr/bin/make': ['machine-names', '"x86_64-pc-linux-gnu" is not where'],
  }
  const programs = Object.keys(files).map(path => [path, PROGRAM])
  const tree = treeOf(t, {[`${LIBRARIES}/libc.so.6`]: LIBRARY, ...Object.fromEntries(programs)})
  const before = readFileSync(join(tree, DRIVER))
  await adapt(tree)
  const after = readFileSync(join(tree, DRIVER))
  t.equal(after.length, before.length)
  t.equal(after.indexOf(LOADER) >= 0, true, 'but for its loader')
  await scanTwins({tree, host: HOST, triple: TARGET.triple})
  const unfit = readScanned(tree)
  for (const [path, [kind, why]] of Object.entries(files)) {
    t.match(unfit.get(`/${path}`) ?? 'a twin', `cannot be made the target's (${kind}): `, path)
    t.match(unfit.get(`/${path}`) ?? 'a twin', String(why), path)
  }
})

t.test('where it is a library, all that need it are no twins', ONLY_X64, async t => {
  const tree = treeOf(t, {
    [`${LIBRARIES}/libc.so.6`]: [...LIBRARY, '-Wl,-soname,libc.so.6'],
    [`${LIBRARIES}/libbfd-2.40-system.so`]: [...LIBRARY, '-Wl,-soname,libbfd-2.40-system.so'],
    'usr/bin/plain': PROGRAM,
  })
  const flags = ['-Wl,--no-as-needed', join(tree, LIBRARIES, 'libbfd-2.40-system.so')]
  execFileSync('cc', ['-x', 'c', '-o', join(tree, 'usr/bin/uses-it'), '-', '-x', 'none', ...flags], {input: PROGRAM[0]})
  await adapt(tree)
  await scanTwins({tree, host: HOST, triple: TARGET.triple})
  const why = readScanned(tree).get('/usr/bin/uses-it') ?? 'a twin'
  t.match(why, /needs \/usr\/lib\/x86_64-linux-gnu\/lib(bfd-2.40-system.so|c.so.6), which cannot be made the target's/)
  t.match(readUnadapted(tree).get('/usr/lib/x86_64-linux-gnu/libbfd-2.40-system.so') ?? '', 'does not name /usr/bin/../lib/bfd-plugins')
})

t.test('two names of one file are adapted once', ONLY_X64, async t => {
  const tree = treeOf(t, {'usr/bin/bzip2': PROGRAM})
  linkSync(join(tree, 'usr/bin/bzip2'), join(tree, 'usr/bin/bunzip2'))
  await adapt(tree)
  t.same(readUnadapted(tree), new Map())
  t.equal(loaderOf(tree, 'usr/bin/bunzip2'), LOADER)
})

t.test('a program that was cut short is none either', ONLY_X64, async t => {
  const tree = treeOf(t, {[DRIVER]: PROGRAM})
  truncateSync(join(tree, DRIVER), 4096)
  await adapt(tree)
  t.match(readUnadapted(tree).get(`/${DRIVER}`) ?? 'adapted', "cannot be made the target's (gcc)")
})
