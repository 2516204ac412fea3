import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import t from 'tap'
import type {ComingPackage} from '../../../lib/core/debian/coming.js'
import type {InstalledPackage} from '../../../lib/core/debian/packages.js'
import type {Route, TwinRules} from '../../../lib/core/twins/route.js'
import {findComingRoutes, withComing} from '../../../lib/twins/coming-routes.js'
import type {PackageIndex} from '../../../lib/twins/packages.js'
import {elfFile} from '../elf-file.js'
import {TARGET} from './target.js'

const MIPS = 8
const X86_64 = 62
const SUM = 'd41d8cd98f00b204e9800998ecf8427e'
const PACK: InstalledPackage = {name: 'man-db', architecture: 'mips64el', version: '2-1', source: 'man-db', sourceVersion: '2-1'}
const RULES: TwinRules = {
  packages: {'man-db': 'man-db'},
  never: ['/usr/bin/never'],
  neverBigEndian: [],
  never32Bit: [],
  neverUnsignedChar: [],
  emulateVariables: [],
  preloads: {},
  preloadsLikeHost: {},
  portableLocales: [],
  rules: [
    {
      paths: ['/usr/bin/man'],
      rule: {variables: ['A=B'], emulate: [], emulateLeading: [], emulateVariables: [], requireVariables: [], insert: [], replace: []},
    },
  ],
}

const tree = t.testdir({})
for (const [path, machine] of [
  ['usr/bin/mandb', X86_64],
  ['usr/bin/man', X86_64],
  ['usr/bin/never', X86_64],
  ['usr/bin/unfit', X86_64],
  ['usr/bin/foreign', MIPS],
] as const) {
  mkdirSync(dirname(join(tree, path)), {recursive: true})
  writeFileSync(join(tree, path), elfFile({bits: 64, endian: 'little', machine}), {mode: 0o755})
}
writeFileSync(join(tree, 'usr/bin/script'), '#!/bin/sh\n', {mode: 0o755})

const twins: PackageIndex = {
  tree,
  packages: new Map([['man-db', {...PACK, architecture: 'amd64'}]]),
  files: async () => [],
  sums: async () => new Map(),
  stamp: async () => '',
}
const coming = (more: Partial<InstalledPackage>, ...names: readonly string[]): ComingPackage => ({
  pack: {...PACK, ...more},
  modules: 'none',
  sums: new Map(names.map(name => [`/usr/bin/${name}`, SUM])),
})
const find = (...packages: readonly ComingPackage[]) =>
  findComingRoutes(packages, {twins, rules: RULES, target: TARGET, unfit: new Map([['/usr/bin/unfit', 'why']])})

t.test('of a package that will come, the programs with a twin have routes, by the sums that the package has of them', async t => {
  const names = ['mandb', 'man', 'never', 'unfit', 'foreign', 'script', 'none']
  t.match(find(coming({}, ...names)), [
    {
      path: '/usr/bin/mandb',
      twin: 'usr/bin/mandb',
      file: undefined,
      sum: SUM,
      rule: undefined,
      package: 'man-db',
      match: 'exact',
      kind: 'program',
    },
    {path: '/usr/bin/man', rule: {variables: ['A=B']}},
  ])
  t.equal(find(coming({}, ...names)).length, 2)
})

t.test('one of another version has none, nor one whose programs are not to be routed', async t => {
  t.same(find(coming({version: '2-2', sourceVersion: '2-2'}, 'mandb'), coming({name: 'constructor'}, 'mandb')), [])
})

t.test('what was found counts, not what was foreseen of the same path', async t => {
  const [mandb, man] = find(coming({}, 'mandb', 'man')) as [ReturnType<typeof find>[number], ReturnType<typeof find>[number]]
  const found: Route = {...mandb, file: {size: 1, mtime: '1', fixed: undefined}}
  t.same(withComing([found], [mandb, man]), [found, man])
})
