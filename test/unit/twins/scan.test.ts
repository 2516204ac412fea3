import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import t, {type Test} from 'tap'
import {readLinking} from '../../../lib/core/elf/linking.js'
import {hostArchitecture} from '../../../lib/core/hosts/hosts.js'
import {Tree} from '../../../lib/host/beneath.js'
import {adaptPaths, readAsking, readScanned, scanTwins} from '../../../lib/twins/scan.js'
import {readUnfitIn} from '../../../lib/twins/unfit.js'

const ONLY_X64 = {skip: process.arch === 'x64' ? false : 'twins are x86-64 programs'}

const TRIPLE = 'mips64el-linux-gnuabi64'
const scanOf = (tree: string) => ({tree, host: hostArchitecture('x64'), triple: TRIPLE})
const LIBRARIES = '/usr/lib/x86_64-linux-gnu'

/** Compiles into a tree: `path: [source, flag …]`, libraries first. Something is there in the C library's place. */
function treeOf(t: Test, name: string, files: Record<string, readonly string[]>): string {
  const tree = join(t.testdirName, name)
  mkdirSync(join(tree, LIBRARIES), {recursive: true})
  const libc = {[`${LIBRARIES.slice(1)}/libc.so.6`]: ['int none;', '-nostdlib']}
  for (const [path, [source = '', ...flags]] of Object.entries({...libc, ...files})) {
    mkdirSync(dirname(join(tree, path)), {recursive: true})
    const shape = /\.so/.test(path) ? ['-shared', '-fPIC', `-Wl,-soname,${path.replace(/.*\//, '')}`] : []
    execFileSync('cc', ['-x', 'c', ...shape, '-o', join(tree, path), '-', '-x', 'none', ...flags], {input: source, cwd: tree})
  }
  return tree
}

const VALUE = 'int value(void) { return 7; }'
const PROGRAM = 'int value(void); int main(void) { return value(); }'
const USES_OWN = [PROGRAM, 'usr/lib/pack/libvalue.so.1', '-Wl,-rpath,/usr/lib/pack'] as const

t.beforeEach(t => void t.testdir({}))

t.test('a library in a directory of its package’s own is shown among the others', ONLY_X64, async t => {
  const tree = treeOf(t, 'tree', {'usr/lib/pack/libvalue.so.1': [VALUE], 'usr/bin/program': USES_OWN})
  await adaptPaths(scanOf(tree))
  const shown = join(tree, LIBRARIES, 'libvalue.so.1')
  t.equal(statSync(shown).ino, statSync(join(tree, 'usr/lib/pack/libvalue.so.1')).ino)
  t.same(readLinking(readFileSync(join(tree, 'usr/bin/program')))?.searched, [])
  await scanTwins(scanOf(tree))
  t.notOk(readScanned(tree).has('/usr/bin/program'))
})

t.test('so is one that another tree has, which this one comes to', ONLY_X64, async t => {
  const base = treeOf(t, 'base', {'usr/lib/pack/libvalue.so.1': [VALUE]})
  const tree = treeOf(t, 'tree', {'usr/bin/program': [PROGRAM, '../base/usr/lib/pack/libvalue.so.1', '-Wl,-rpath,/usr/lib/pack']})
  await adaptPaths(scanOf(tree), base)
  t.ok(existsSync(join(tree, LIBRARIES, 'libvalue.so.1')))
})

t.test('a program that needs a library of which there is another one of that name is no twin', ONLY_X64, async t => {
  const tree = treeOf(t, 'tree', {
    'usr/lib/pack/libvalue.so.1': [VALUE],
    [`${LIBRARIES.slice(1)}/libvalue.so.1`]: ['int value(void) { return 8; }'],
    'usr/bin/program': USES_OWN,
  })
  await adaptPaths(scanOf(tree))
  await scanTwins(scanOf(tree))
  t.equal(readScanned(tree).get('/usr/bin/program'), 'looks for libraries in /usr/lib/pack')
})

t.test('a library that nothing has, or that a link leads out of the tree for, makes a program none', ONLY_X64, async t => {
  const tree = treeOf(t, 'tree', {'usr/lib/pack/libvalue.so.1': [VALUE], 'usr/bin/program': [PROGRAM, 'usr/lib/pack/libvalue.so.1']})
  const why = async () => {
    await adaptPaths(scanOf(tree))
    await scanTwins(scanOf(tree))
    return readScanned(tree).get('/usr/bin/program')
  }
  const MISSING = 'needs libvalue.so.1, which the twin set does not have'
  t.equal(await why(), MISSING)
  symlinkSync(join(tree, 'usr/lib/pack/libvalue.so.1'), join(tree, LIBRARIES, 'libvalue.so.1'))
  t.equal(await why(), MISSING)
})

t.test('a library in the directory of all architectures is shown, and makes no text suspicious that names it', ONLY_X64, async t => {
  const tree = treeOf(t, 'tree', {
    'usr/lib/libnss_old.so.2': [VALUE],
    'usr/bin/program': ['#include <stdio.h>\nint main(void) { return puts("/usr/lib/debug") < 0; }'],
  })
  await adaptPaths(scanOf(tree))
  await scanTwins(scanOf(tree))
  t.ok(existsSync(join(tree, LIBRARIES, 'libnss_old.so.2')))
  t.same(readScanned(tree), new Map())
  const alone = treeOf(t, 'alone', {'usr/lib/libnss_old.so.2': [VALUE]})
  rmSync(join(alone, LIBRARIES), {recursive: true})
  await adaptPaths(scanOf(alone), tree)
  t.ok(existsSync(join(alone, LIBRARIES, 'libnss_old.so.2')), 'of packages that have nothing else there')
})

t.test('a library that lies under the name of its version is found by that of its interface', ONLY_X64, async t => {
  const tree = treeOf(t, 'tree', {
    [`${LIBRARIES.slice(1)}/libvalue.so.1`]: [VALUE],
    'usr/bin/program': [PROGRAM, `${LIBRARIES.slice(1)}/libvalue.so.1`],
  })
  execFileSync('sh', ['-c', 'mv libvalue.so.1 libvalue.so.1.2 && ln -s libvalue.so.1.2 libvalue.so.1'], {cwd: join(tree, LIBRARIES)})
  await scanTwins(scanOf(tree))
  t.notOk(readScanned(tree).has('/usr/bin/program'))
})

t.test('what a program names is changed by what the twin set has there; it is no twin where that is nothing', ONLY_X64, async t => {
  const names = (path: string) => [`#include <stdio.h>\nint main(void) { return puts("${path}") < 0; }`] as const
  const tree = treeOf(t, 'tree', {
    [`${LIBRARIES.slice(1)}/modules/one.so`]: [VALUE],
    [`${LIBRARIES.slice(1)}/helpers/helper`]: ['int main(void) { return 0; }'],
    'usr/bin/modules': names(`${LIBRARIES}/modules`),
    'usr/bin/helpers': names(`${LIBRARIES}/helpers`),
    'usr/bin/nothing': names(`${LIBRARIES}/nothing`),
  })
  await adaptPaths(scanOf(tree))
  await scanTwins(scanOf(tree))
  const printed = (name: string) => execFileSync(join(tree, 'usr/bin', name), {encoding: 'utf8'}).trim()
  t.match(printed('modules'), /^\/dev\/xbuild\/lib\/+modules$/)
  t.equal(printed('helpers'), `/usr/lib/${TRIPLE}/helpers`)
  const unfit = readScanned(tree)
  t.same(
    [...unfit.keys()].filter(path => path.startsWith('/usr/bin')),
    ['/usr/bin/nothing'],
  )
})

t.test('a program that may load a module that only the root has is no twin there', ONLY_X64, async t => {
  const tree = treeOf(t, 'tree', {
    'usr/lib/x86_64-linux-gnu/libasks.so.1': ['int getpwnam(const char *); int value(void) { return getpwnam(""); }'],
    'usr/lib/x86_64-linux-gnu/libnss_known.so.2': [VALUE],
    'usr/bin/asks': [PROGRAM, 'usr/lib/x86_64-linux-gnu/libasks.so.1'],
    'usr/bin/other': ['int main(void) { return 0; }'],
  })
  await scanTwins(scanOf(tree))
  t.same([...readAsking(tree).keys()].sort(), ['/usr/bin/asks', `${LIBRARIES}/libasks.so.1`])
  const unfit = (...modules: string[]) => {
    const root = join(t.testdirName, modules.join())
    mkdirSync(join(root, 'usr/lib', TRIPLE), {recursive: true})
    for (const name of modules) writeFileSync(join(root, 'usr/lib', TRIPLE, name), '')
    return readUnfitIn(new Tree([root], 'within'), tree, {triple: TRIPLE, uname: 'mips64'})
  }
  t.notOk(unfit('libnss_known.so.2').has('/usr/bin/asks'))
  const found = unfit('libnss_known.so.2', 'libnss_own.so.2')
  t.equal(found.get('/usr/bin/asks'), `may load /usr/lib/${TRIPLE}/libnss_own.so.2, which has no twin`)
  t.notOk(found.has('/usr/bin/other'))
})

t.test('a module to which a link leads is one, and a link that leads nowhere is none', ONLY_X64, async t => {
  const plugins = 'usr/lib/bfd-plugins'
  const tree = treeOf(t, 'tree', {
    [`${LIBRARIES.slice(1)}/libbfd-2.40-TARGET.so`]: [VALUE],
    'usr/bin/reads': [PROGRAM, `${LIBRARIES.slice(1)}/libbfd-2.40-TARGET.so`],
    'usr/bin/other': ['int main(void) { return 0; }'],
  })
  await scanTwins(scanOf(tree))
  const root = join(t.testdirName, 'root')
  mkdirSync(join(root, plugins), {recursive: true})
  symlinkSync('../llvm-14/lib/LLVMgold.so', join(root, plugins, 'LLVMgold-14.so'))
  const unfit = () => readUnfitIn(new Tree([root], 'within'), tree, {triple: TRIPLE, uname: 'mips64'})
  t.notOk(unfit().has('/usr/bin/reads'))
  mkdirSync(join(root, 'usr/lib/llvm-14/lib'), {recursive: true})
  writeFileSync(join(root, 'usr/lib/llvm-14/lib/LLVMgold.so'), '')
  t.equal(unfit().get('/usr/bin/reads'), `may load /${plugins}/LLVMgold-14.so, which has no twin`)
  t.notOk(unfit().has('/usr/bin/other'))
  mkdirSync(join(tree, LIBRARIES, 'bfd-plugins'))
  writeFileSync(join(tree, LIBRARIES, 'bfd-plugins/LLVMgold-14.so'), '')
  t.notOk(unfit().has('/usr/bin/reads'), 'a twin of it is there')
})

t.test('a tree that was not scanned, or of which something else says so, has none that is unfit', async t => {
  const tree = t.testdir({var: {lib: {'xbuild-env': {'unfit.json': '{"a"'}}}})
  t.same(readScanned(tree), new Map())
  t.same(readScanned(t.testdir({})), new Map())
})
