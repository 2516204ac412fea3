import {chmodSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import type {InstalledPackage} from '../../../lib/core/debian/packages.js'
import type {FileIdentity} from '../../../lib/core/file-identity.js'
import type {Route, TwinRules} from '../../../lib/core/twins/route.js'
import {fileIdentity} from '../../../lib/host/file-identity.js'
import type {PackageIndex} from '../../../lib/twins/packages.js'
import {findRoutes, type PackageRoutes} from '../../../lib/twins/routes.js'
import {elfFile} from '../elf-file.js'
import {TARGET} from './target.js'

const PACK: InstalledPackage = {name: 'sed', architecture: 'any', version: '4.9-1', source: 'sed', sourceVersion: '4.9-1'}
const RULES: TwinRules = {
  packages: {sed: 'sed'},
  never: [],
  neverBigEndian: [],
  never32Bit: [],
  neverUnsignedChar: [],
  emulateVariables: [],
  preloads: {},
  preloadsLikeHost: {},
  portableLocales: [],
  rules: [],
}
const routeOf = (file: FileIdentity): Route => ({
  path: '/usr/bin/sed',
  twin: 'usr/bin/sed',
  twinSize: 1,
  file,
  sum: undefined,
  rule: undefined,
  package: 'sed',
  match: 'exact',
  kind: 'program',
})

/** A tree with that file, which is no program, so that looking at it again finds no route. */
function treeWithFile(t: Test): {tree: string; route: Route} {
  const tree = t.testdir({usr: {bin: {sed: 'sed'}}})
  const file = fileIdentity(join(tree, 'usr/bin/sed'))
  if (!file) throw new Error('it is there')
  return {tree, route: routeOf(file)}
}

/** An empty tree with one package, installed at some time; it notes when it is asked for files. */
function index(tree: string, stamp: string, asked: string[]): PackageIndex {
  return {
    tree,
    packages: new Map([['sed', PACK]]),
    files: async ({name}) => {
      asked.push(name)
      return ['/usr/bin/sed']
    },
    sums: async () => new Map(),
    stamp: async () => stamp,
  }
}

async function find(tree: string, stamp: string, before: PackageRoutes | undefined) {
  const asked: string[] = []
  const root = index(tree, stamp, asked)
  const known = before ? {before: new Map([['sed', before]])} : {}
  const found = await findRoutes({root, twins: root, rules: RULES, target: TARGET, unfit: new Map(), state: 'finished', ...known})
  return {found, asked}
}

t.test('a package that is as it was when its routes were found keeps them, and is not read', async t => {
  const {tree, route} = treeWithFile(t)
  const {found, asked} = await find(tree, 'then', {stamp: 'then', routes: [route], missing: []})
  t.match(found, {routes: [route], missing: [], stamps: {sed: 'then'}})
  t.same(asked, [])
})

t.test('a package that was installed again since is looked at', async t => {
  const {tree, route} = treeWithFile(t)
  const {found, asked} = await find(tree, 'now', {stamp: 'then', routes: [route], missing: []})
  t.match(found, {routes: [], stamps: {sed: 'now'}}, 'the tree has no such program any more')
  t.same(asked, ['sed'])
})

t.test('a package of which a file was changed since, with size and time kept, is looked at', async t => {
  const {tree, route} = treeWithFile(t)
  const path = join(tree, 'usr/bin/sed')
  const {atime, mtime} = statSync(path)
  writeFileSync(path, 'SED')
  utimesSync(path, atime, mtime)
  t.same((await find(tree, 'then', {stamp: 'then', routes: [route], missing: []})).asked, ['sed'])
})

t.test('without earlier routes, every package is looked at', async t =>
  t.same((await find(t.testdir({}), 'now', undefined)).asked, ['sed']),
)

t.test('a library for LD_PRELOAD is named where the twin set has the same; one that tells numbers, for a CPU like the host’s', async t => {
  const library = {usr: {lib: {'x86_64-linux-gnu': {'quick.so': '', 'told.so': ''}}}}
  const names = ['quick', 'told']
  const packages = new Map(names.map(name => [name, {...PACK, name}]))
  const of = (tree: string, has: typeof packages): PackageIndex => ({
    ...index(tree, 'now', []),
    packages: has,
    files: async ({name}) => [`/usr/lib/${TARGET.triple}/${name}.so`],
  })
  const rules = {
    ...RULES,
    packages: {quick: 'quick', told: 'told'},
    preloads: {quick: '/usr/lib/{triple}/quick.so*'},
    preloadsLikeHost: {told: '/usr/lib/{triple}/*.so'},
  }
  const tree = t.testdir(library)
  const search = (target: typeof TARGET, twins = packages) =>
    findRoutes({root: of(tree, packages), twins: of(tree, twins), rules, target, unfit: new Map(), state: 'finished'})
  t.same((await search({...TARGET, bits: 64, endian: 'little'})).preloads, ['quick.so', 'told.so'])
  t.same((await search({...TARGET, bits: 32})).preloads, ['quick.so'])
  const lacking = await search(TARGET, new Map())
  t.same([lacking.preloads, lacking.missing], [[], [{reason: 'no-twin', package: 'quick'}]], 'it is fetched, though it has no program')
})

const MIPS = 8
const X86_64 = 62
const elf = (machine: number, entry?: number) => elfFile({bits: 64, endian: 'little', machine, ...(entry === undefined ? {} : {entry})})

/** A host's directory with a program of the target's, and two trees: a root whose /usr/bin a session chose, and a twin set. */
function besideHost(t: Test, link: (host: string) => string) {
  const directory = t.testdir({host: {}, root: {usr: {}}, twins: {usr: {bin: {}}}})
  const [host, root, twins] = ['host', 'root', 'twins'].map(name => join(directory, name)) as [string, string, string]
  writeFileSync(join(twins, 'usr/bin/sed'), elf(X86_64), {mode: 0o755})
  const text = link(host)
  mkdirSync(text.startsWith('/') ? host : join(root, 'usr', text), {recursive: true})
  symlinkSync(text, join(root, 'usr/bin'))
  writeFileSync(join(root, 'usr/bin/sed'), elf(MIPS), {mode: 0o755})
  return {root, twins}
}

t.test('no directory that a session has made a link leads to a program, neither of the host nor by another path', async t => {
  for (const link of [(host: string) => host, () => 'other']) {
    const {root, twins} = besideHost(t, link)
    const found = await findRoutes({
      root: index(root, 'now', []),
      twins: index(twins, 'now', []),
      rules: RULES,
      target: TARGET,
      unfit: new Map(),
      state: 'finished',
    })
    t.match(found, {routes: [], missing: []})
  }
})

t.test('a library that may be executed, in which nothing begins, is no program', async t => {
  const directory = t.testdir({root: {usr: {bin: {sed: elf(MIPS, 0)}}}, twins: {usr: {bin: {sed: elf(X86_64, 0)}}}})
  const [root, twins] = ['root', 'twins'].map(name => join(directory, name)) as [string, string]
  for (const tree of [root, twins]) chmodSync(join(tree, 'usr/bin/sed'), 0o755)
  const search = {root: index(root, 'now', []), twins: index(twins, 'now', []), rules: RULES, target: TARGET, state: 'making'} as const
  t.match(await findRoutes({...search, unfit: new Map()}), {routes: [], missing: []})
})

t.test('a program whose twin cannot do its work has no route, and it is said why', async t => {
  const directory = t.testdir({root: {usr: {bin: {sed: elf(MIPS)}}}, twins: {usr: {bin: {sed: elf(X86_64)}}}})
  const [root, twins] = ['root', 'twins'].map(name => join(directory, name)) as [string, string]
  for (const tree of [root, twins]) chmodSync(join(tree, 'usr/bin/sed'), 0o755)
  const search = {root: index(root, 'now', []), twins: index(twins, 'now', []), rules: RULES, target: TARGET, state: 'making'} as const
  const fit = await findRoutes({...search, unfit: new Map([['/usr/bin/other', 'needs more']])})
  t.match(fit, {routes: [{path: '/usr/bin/sed', twin: 'usr/bin/sed'}], missing: []})
  const unfit = new Map([['/usr/bin/sed', 'needs libx.so.1, which the twin set does not have']])
  const found = await findRoutes({...search, unfit})
  const why = 'needs libx.so.1, which the twin set does not have'
  t.match(found, {routes: [], missing: [{reason: 'unfit', package: 'sed', path: '/usr/bin/sed', why}]})
  const {size, mtime} = fileIdentity(join(root, 'usr/bin/sed')) as FileIdentity
  const stub = await findRoutes({...search, unfit, stub: {size, mtime, fixed: undefined}})
  t.match(stub, {routes: [{path: '/usr/bin/sed', kind: 'stub'}], missing: []}, 'where there is nothing to be emulated, it does what it can')
})

t.test('the sum of a program that is still the same file is known from earlier routes, whatever its twin was', async t => {
  const directory = t.testdir({root: {usr: {bin: {sed: elf(MIPS)}}}, twins: {usr: {bin: {sed: elf(X86_64)}}}})
  const [root, twins] = ['root', 'twins'].map(name => join(directory, name)) as [string, string]
  for (const tree of [root, twins]) chmodSync(join(tree, 'usr/bin/sed'), 0o755)
  const file = fileIdentity(join(root, 'usr/bin/sed')) as FileIdentity
  const sums = async () => new Map([['/usr/bin/sed', 'said']])
  const indices = {root: {...index(root, 'now', []), sums}, twins: index(twins, 'now', [])}
  const search = {...indices, rules: RULES, target: TARGET, unfit: new Map(), state: 'finished'} as const
  const known = (route: FileIdentity) => new Map([['/usr/bin/sed', {...routeOf(route), sum: 'said'}]])
  t.match(await findRoutes({...search, known: known(file)}), {routes: [{path: '/usr/bin/sed', sum: 'said', file}]})
  t.match(await findRoutes({...search, known: known({...file, mtime: '1'})}), {routes: [], missing: [{reason: 'changed'}]})
  t.match(await findRoutes({...search, known: known({...file, fixed: undefined})}), {routes: []}, 'its size and time alone are not enough')
})

t.test('a package without a twin is missed for a program, wherever that lies, and not for its data', async t => {
  const missing = async (path: string) => {
    const tree = t.testdir({usr: {lib: {'go-1.19': {bin: {go: elf(MIPS)}}}, share: {sed: {sed: elf(MIPS)}}}})
    const root: PackageIndex = {...index(tree, 'now', []), files: async () => [path]}
    for (const name of ['usr/lib/go-1.19/bin/go', 'usr/share/sed/sed']) chmodSync(join(tree, name), 0o755)
    const twins: PackageIndex = {...root, packages: new Map()}
    return (await findRoutes({root, twins, rules: RULES, target: TARGET, unfit: new Map(), state: 'finished'})).missing
  }
  t.same(await missing('/usr/lib/go-1.19/bin/go'), [{reason: 'no-twin', package: 'sed'}])
  t.same(await missing('/usr/share/sed/sed'), [])
})

t.test('what lies in /usr/share is not looked at', async t => {
  const files = async () => ['/usr/share/sed/sed']
  const directory = t.testdir({root: {usr: {share: {sed: {sed: elf(MIPS)}}}}, twins: {usr: {share: {sed: {sed: elf(X86_64)}}}}})
  const [root, twins] = ['root', 'twins'].map(name => join(directory, name)) as [string, string]
  for (const tree of [root, twins]) chmodSync(join(tree, 'usr/share/sed/sed'), 0o755)
  const indices = {root: {...index(root, 'now', []), files}, twins: {...index(twins, 'now', []), files}}
  const found = await findRoutes({...indices, rules: RULES, target: TARGET, unfit: new Map(), state: 'making'})
  t.same(found.routes, [])
})
