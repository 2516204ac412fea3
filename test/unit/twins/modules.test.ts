import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import type {InstalledPackage} from '../../../lib/core/debian/packages.js'
import {PERL_MODULES} from '../../../lib/twins/kinds/perl.js'
import {PYTHON_MODULES} from '../../../lib/twins/kinds/python.js'
import {findModules, modulePackages} from '../../../lib/twins/modules.js'
import type {PackageIndex} from '../../../lib/twins/packages.js'
import {TARGET} from './target.js'

const AUTO = `/usr/lib/${TARGET.triple}/perl5/5.36/auto`
const pack = (name: string, version: string): InstalledPackage => ({
  name,
  architecture: 'any',
  version,
  source: name,
  sourceVersion: version,
})

/** A tree with packages, each with its files. */
function index(tree: string, packages: readonly InstalledPackage[], files: Record<string, string[]> = {}): PackageIndex {
  return {
    tree,
    packages: new Map(packages.map(one => [one.name, one])),
    files: async ({name}) => files[name] ?? [],
    sums: async () => new Map(),
    stamp: async ({version}) => version,
  }
}

/** A root with three modules: of a package with a twin, of one without, and of none. */
const rootTree = (t: Tap) =>
  t.testdir({
    usr: {
      lib: {
        [TARGET.triple]: {
          perl: {'5.36': {}, debian: {}},
          perl5: {'5.36': {auto: {A: {'A.so': ''}, B: {C: {'C.so': '', 'C.bs': ''}}, D: {'D.so': ''}}}},
        },
      },
    },
  })

type Tap = Pick<typeof t, 'testdir'>

const FILES = {liba: [`${AUTO}/A/A.so`], libb: [`${AUTO}/B/C/C.so`]}

t.test('a compiled module has a twin where its package has one of the same version, with the file', async t => {
  const tree = rootTree(t)
  const root = index(tree, [pack('liba', '1.0'), pack('libb', '1.0')], FILES)
  const twinTree = join(tree, 'twins')
  const twins = index(twinTree, [pack('liba', '1.0'), pack('libb', '1.1')])
  const without = await findModules(PERL_MODULES, {root, twins, target: TARGET, unfit: new Map()})
  t.same(without.modules, [], 'the twin set has no such file')
  execFileSync('mkdir', ['-p', join(twinTree, 'usr/lib/x86_64-linux-gnu/perl5/5.36/auto/A')])
  writeFileSync(join(twinTree, 'usr/lib/x86_64-linux-gnu/perl5/5.36/auto/A/A.so'), '')
  const found = await findModules(PERL_MODULES, {root, twins, target: TARGET, unfit: new Map()})
  t.same(found.modules, [`${AUTO}/A/A.so`])
  t.same(found.untwinned.sort(), [`${AUTO}/B/C/C.so`, `${AUTO}/D/D.so`])
  t.same(found.missing, [{reason: 'other-version', package: 'libb', version: '1.0', twinVersion: '1.1'}])
  t.same(found.directories.map(([path]) => path).sort(), [AUTO, `${AUTO}/A`, `${AUTO}/B`, `${AUTO}/B/C`, `${AUTO}/D`])
  for (const [, mtime] of found.directories) t.ok(Math.abs(mtime - Date.now() / 1000) < 1000, 'in seconds')
  t.same((await modulePackages(PERL_MODULES, root, TARGET)).sort(), ['liba', 'libb'])
})

t.test('a directory that is not there is known not to be', async t => {
  const tree = t.testdir({usr: {lib: {[TARGET.triple]: {perl: {'5.36': {}}}}}})
  const found = await findModules(PERL_MODULES, {root: index(tree, []), twins: index(tree, []), target: TARGET, unfit: new Map()})
  t.same(found, {modules: [], untwinned: [], directories: [[AUTO, -1]], missing: []})
})

t.test('a root without perl has no modules', async t => {
  const tree = t.testdir({})
  t.same(await findModules(PERL_MODULES, {root: index(tree, []), twins: index(tree, []), target: TARGET, unfit: new Map()}), {
    modules: [],
    untwinned: [],
    directories: [],
    missing: [],
  })
})

t.test("python's compiled modules are those of the standard library and of packages", async t => {
  const suffix = `cpython-311-${TARGET.triple}.so`
  const tree = t.testdir({
    usr: {
      lib: {
        'python3.11': {'lib-dynload': {[`_json.${suffix}`]: ''}, 'os.py': ''},
        python3: {'dist-packages': {yaml: {[`_yaml.${suffix}`]: '', '__init__.py': '', 'libyaml.so': ''}, 'a.abi3.so': ''}},
        python2: {'dist-packages': {'b.abi3.so': ''}},
      },
    },
    twins: {usr: {lib: {'x86_64-linux-gnu': {'python3.11': {'lib-dynload': {'_json.cpython-311-x86_64-linux-gnu.so': ''}}}}}},
  })
  const json = `/usr/lib/python3.11/lib-dynload/_json.${suffix}`
  const yaml = `/usr/lib/python3/dist-packages/yaml/_yaml.${suffix}`
  const packages = [pack('libpython3.11-stdlib', '3.11'), pack('python3-yaml', '6')]
  const root = index(tree, packages, {'libpython3.11-stdlib': [json], 'python3-yaml': [yaml]})
  const twins = index(join(tree, 'twins'), packages)
  const found = await findModules(PYTHON_MODULES, {root, twins, target: TARGET, unfit: new Map()})
  t.same(found.modules, [json])
  t.same(found.untwinned.sort(), ['/usr/lib/python3/dist-packages/a.abi3.so', yaml])
  t.same((await modulePackages(PYTHON_MODULES, root, TARGET)).sort(), ['libpython3.11-stdlib', 'python3-yaml'])
})
