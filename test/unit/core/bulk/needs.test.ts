import t from 'tap'
import {Installer, needsOf, type Role} from '../../../../lib/core/bulk/needs.js'
import {type IndexedBinary, parseBinaries} from '../../../../lib/core/debian/binary-index.js'
import {parseRelations, relationsFor, satisfies} from '../../../../lib/core/debian/relations.js'
import {parseSources} from '../../../../lib/core/debian/source-index.js'

const PACKAGES = `Package: libfoo-dev
Source: foo (1.0)
Version: 1.0+b1
Architecture: mips64el
Multi-Arch: same
Depends: libfoo1 (= 1.0+b1), libc6-dev | libc-dev
Section: libdevel

Package: libfoo1
Source: foo (1.0)
Version: 1.0+b1
Architecture: mips64el
Depends: libc6 (>= 2.34)

Package: libc6
Source: glibc
Version: 2.36-9
Architecture: mips64el

Package: libc6-dev
Source: glibc
Version: 2.36-9
Architecture: mips64el
Provides: libc-dev (= 2.36)
Depends: libc6 (= 2.36-9)

Package: debhelper
Version: 13.11
Architecture: all
Multi-Arch: foreign
Provides: debhelper-compat (= 12), debhelper-compat (= 13)
Depends: perl:any

Package: perl
Version: 5.36
Architecture: mips64el
Multi-Arch: allowed
Depends: libc6

Package: libfoo1
Source: foo
Version: 0.9
Architecture: mips64el
Depends: nothing-that-is-there
`
const SOURCES = ['app', 'foo', 'glibc', 'perl']
  .map(
    name => `Package: ${name}
Version: 1
Architecture: any
Binary: ${name}
${name === 'app' ? 'Build-Depends: debhelper-compat (= 13), libbar-dev | libfoo-dev (>= 1), libtest [amd64], check <!nocheck>, gone\n' : ''}`,
  )
  .join('\n')

const binaries = parseBinaries(PACKAGES)
const sources = parseSources(SOURCES)
const app = sources.find(({name}) => name === 'app')
const role = ({architecture}: IndexedBinary): Role => (architecture === 'all' ? 'there' : 'built')

t.test('a relation is read with all that it may have', async t => {
  t.same(parseRelations('foo:any (>= 1.2~) [linux-any !hurd-any] <!nocheck !cross> <stage1> | bar, , baz(<<2)'), [
    [
      {
        name: 'foo',
        qualifier: 'any',
        version: {operator: '>=', version: '1.2~'},
        architectures: ['linux-any', '!hurd-any'],
        profiles: [['!nocheck', '!cross'], ['stage1']],
      },
      {name: 'bar', qualifier: undefined, version: undefined, architectures: [], profiles: []},
    ],
    [{name: 'baz', qualifier: undefined, version: {operator: '<<', version: '2'}, architectures: [], profiles: []}],
  ])
})

t.test('what is for other architectures or profiles does not count', async t => {
  const names = (field: string, profiles: string[] = []) =>
    relationsFor(parseRelations(field), 'mips64el', profiles).map(group => group.map(({name}) => name).join('|'))
  t.same(names('aa [amd64], bb [!amd64], cc [linux-any], dd [!linux-any] | ee'), ['bb', 'cc', 'ee'])
  t.same(names('aa <!nocheck>, bb <!nodoc !nocheck>, cc <stage1>, dd <!stage1> <cross>'), ['aa', 'bb', 'dd'])
  t.same(names('aa <!nocheck>, bb <!nodoc !nocheck>, cc <stage1>, dd <!stage1> <nocheck>', ['nocheck', 'stage1']), ['cc', 'dd'])
})

t.test('versions are compared as dpkg does', async t => {
  const [[relation] = []] = parseRelations('aa (>= 1.0~rc1)')
  t.ok(satisfies('1.0', relation?.version))
  t.notOk(satisfies('1.0~beta', relation?.version))
})

t.test('a build has installed what its dependencies depend on: the first alternative that is there, and what provides it', async t => {
  const installer = new Installer(binaries, {architecture: 'mips64el', profiles: () => ['nocheck'], role})
  const installed = app && installer.of(app)
  t.same([...(installed?.binaries ?? [])].sort(), ['debhelper', 'libc6', 'libc6-dev', 'libfoo-dev', 'libfoo1', 'perl'])
  t.same([...(installed?.sources ?? [])].sort(), ['foo', 'glibc', 'perl'])
  t.same(installed?.lacking, ['gone'])
  t.same(installer.find(parseRelations('libc-dev (>= 2)')[0] ?? [])?.name, 'libc6-dev')
  t.equal(installer.find(parseRelations('debhelper-compat (= 14)')[0] ?? []), undefined)
})

t.test('what a stub has no use for is not installed by its way, and what is given is not looked into', async t => {
  const stubs = new Installer(binaries, {
    architecture: 'mips64el',
    profiles: () => ['nocheck'],
    role: ({name}, by) => {
      if (name === 'perl') return 'there'
      if (by?.name === 'perl') return 'left-out'
      return name === 'libc6-dev' ? 'given' : role({...(binaries.get(name) as IndexedBinary)})
    },
  })
  const {sources: built} = (app && stubs.of(app)) ?? {sources: new Set()}
  t.same([...built].sort(), ['foo', 'glibc'])
  t.same(
    [...needsOf(sources, stubs)].map(([name, own]) => [name, [...own].sort()]),
    [
      ['app', ['foo', 'glibc']],
      ['foo', []],
      ['glibc', []],
      ['perl', []],
    ],
  )
})
