import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import type {InstalledPackage} from '../../../lib/core/debian.js'
import type {TargetFacts} from '../../../lib/core/route.js'
import type {PackageIndex} from '../../../lib/twins/packages.js'
import {fillPrelude, findPerlModules, modulePackages} from '../../../lib/twins/perl.js'

const TARGET: TargetFacts = {
  triple: 'mips64el-linux-gnuabi64',
  architecture: 'mips64el',
  machine: 'mips64el-unknown-linux-gnuabi64',
  uname: 'mips64',
  errors: 'own',
  bits: 64,
  endian: 'little',
  nearTwins: true,
}

const AUTO = `/usr/lib/${TARGET.triple}/perl5/5.36/auto`
const PRELUDE = readFileSync(fileURLToPath(new URL('../../../shims/perl/prelude.pl', import.meta.url)), 'utf8')

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
  const without = await findPerlModules({root, twins, target: TARGET})
  t.same(without.modules, [], 'the twin set has no such file')
  execFileSync('mkdir', ['-p', join(twinTree, 'usr/lib/x86_64-linux-gnu/perl5/5.36/auto/A')])
  writeFileSync(join(twinTree, 'usr/lib/x86_64-linux-gnu/perl5/5.36/auto/A/A.so'), '')
  const found = await findPerlModules({root, twins, target: TARGET})
  t.same(found.modules, [`${AUTO}/A/A.so`])
  t.same(found.untwinned.sort(), [`${AUTO}/B/C/C.so`, `${AUTO}/D/D.so`])
  t.same(found.missing, [{reason: 'other-version', package: 'libb', version: '1.0', twinVersion: '1.1'}])
  t.same(found.directories.map(([path]) => path).sort(), [AUTO, `${AUTO}/A`, `${AUTO}/B`, `${AUTO}/B/C`, `${AUTO}/D`])
  for (const [, mtime] of found.directories) t.ok(Math.abs(mtime - Date.now() / 1000) < 1000, 'in seconds')
  t.same((await modulePackages(root, TARGET)).sort(), ['liba', 'libb'])
})

t.test('a directory that is not there is known not to be', async t => {
  const tree = t.testdir({usr: {lib: {[TARGET.triple]: {perl: {'5.36': {}}}}}})
  const found = await findPerlModules({root: index(tree, []), twins: index(tree, []), target: TARGET})
  t.same(found, {modules: [], untwinned: [], directories: [[AUTO, -1]], missing: [], own: 'there'})
})

t.test('a root without perl has no modules', async t => {
  const tree = t.testdir({})
  t.same(await findPerlModules({root: index(tree, []), twins: index(tree, []), target: TARGET}), {
    modules: [],
    untwinned: [],
    directories: [],
    missing: [],
    own: 'there',
  })
})

t.test('the prelude that is filled in is Perl, and knows what was filled in', async t => {
  const file = join(t.testdir(), 'prelude.pl')
  const odd = `${AUTO}/it's \\odd/\${x}.so`
  const text = fillPrelude(PRELUDE, TARGET, {modules: [odd], untwinned: [], directories: [[AUTO, -1]], missing: [], own: 'there'})
  // Ends before it does anything, and prints what it knows.
  writeFileSync(
    file,
    text.replace(
      /^my \$lib .*/m,
      'print join("|", (sort keys %{$known{modules}}), @{$known{directories}[0]}, @known{qw(target machine data errors)}); exit;',
    ),
  )
  t.equal(
    execFileSync('perl', ['-e', 'require shift', file], {encoding: 'utf8'}),
    [odd, AUTO, -1, TARGET.triple, 'mips64', 'same', 'other'].join('|'),
  )
})

t.test('numbers look as on the host only with 64 bits and the low byte first', async t => {
  const dataOf = (target: TargetFacts) =>
    /data => '(\w+)'/.exec(fillPrelude(PRELUDE, target, {modules: [], untwinned: [], directories: [], missing: [], own: 'there'}))?.[1]
  t.equal(dataOf(TARGET), 'same')
  t.equal(dataOf({...TARGET, bits: 32}), 'other')
  t.equal(dataOf({...TARGET, endian: 'big'}), 'other')
})

t.test('a prelude without the place for it is refused', async t => {
  t.throws(() => fillPrelude('1;', TARGET, {modules: [], untwinned: [], directories: [], missing: [], own: 'there'}), /has no line/)
})
