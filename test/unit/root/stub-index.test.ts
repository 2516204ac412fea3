import t from 'tap'
import {hostArchitecture} from '../../../lib/core/hosts/hosts.js'
import type {Holdings} from '../../../lib/core/stubs/kind.js'
import {makeStubIndex, type StubIndexRules} from '../../../lib/root/stub-index.js'

const RULES: StubIndexRules = {
  names: {
    host: hostArchitecture('x64'),
    target: {triple: 'mips64-linux-gnuabi64', architecture: 'mips64', machine: 'mips64-unknown-linux-gnuabi64', libc: 'libc6'},
  },
  lists: {tools: ['libperl5.*'], libraries: [], refused: [{packages: ['ghc'], why: 'code of the host'}]},
  compilers: {
    'gcc-12': 'gcc-12-mips64-linux-gnuabi64',
    'gfortran-12': 'gfortran-12-mips64-linux-gnuabi64',
    'binutils-mips64-linux-gnuabi64': 'binutils-mips64-linux-gnuabi64',
  },
}

const stanza = (fields: Record<string, string>) =>
  Object.entries({Architecture: 'amd64', Version: '1-1', 'Xbuild-Site': 'http://mirror', Filename: `pool/${fields.Package}.deb`, ...fields})
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')

const PROGRAMS: Holdings = {programs: true, libraries: false, modules: false}

const indexOf = (stanzas: readonly Record<string, string>[], programs: readonly string[] = []) =>
  makeStubIndex({packages: stanzas.map(stanza).join('\n'), holdings: new Map(programs.map(name => [name, PROGRAMS]))}, RULES)

t.test('a tool is one of the target’s, without the libraries that it depends on', async t => {
  const {entries} = indexOf(
    [
      {Package: 'dwz', Depends: 'libc6 (>= 2.34), libelf1 (>= 0.142), debconf (>= 0.5) | libelf1, perl-base', Provides: 'libelf1-user'},
      {Package: 'libelf1', 'Multi-Arch': 'same', Provides: 'libelf-virtual'},
      {Package: 'perl-base', Depends: 'libelf-virtual'},
      {Package: 'debconf', Architecture: 'all'},
      {Package: 'libc6', 'Multi-Arch': 'same', Version: '2.36-9+deb12u10'},
      {Package: 'libc6-mips64-cross', Architecture: 'all', Version: '2.36-8cross1'},
    ],
    ['dwz', 'perl-base'],
  )
  const dwz = entries.get('dwz')
  t.match(dwz, {make: 'stub', version: '1-1', from: {site: 'http://mirror', file: 'pool/dwz.deb'}})
  t.match(dwz?.control, /^Architecture: mips64$/m)
  t.match(dwz?.control, /^Depends: libc6 \(>= 2.34\), debconf \(>= 0.5\), perl-base$/m)
  t.match(dwz?.control, /^Xbuild-Stub: yes$/m)
  t.notMatch(entries.get('perl-base')?.control, /^Depends:/m, 'what only libraries provide is left out too')
  t.notOk(entries.has('libelf1'))
})

t.test('what is for all architectures is offered as the archive has it', async t => {
  const {entries} = indexOf([
    {Package: 'debhelper', Architecture: 'all', Depends: 'libfoo1, dwz'},
    {Package: 'libfoo1', 'Multi-Arch': 'same'},
  ])
  t.match(entries.get('debhelper'), {make: 'as-is', control: /^Architecture: all$/m})
  t.match(entries.get('debhelper')?.control, /^Depends: libfoo1, dwz$/m)
})

t.test('a library of the cross compiler is the target’s own, in its version', async t => {
  const {entries} = indexOf([
    {
      Package: 'libgomp1',
      'Multi-Arch': 'same',
      Version: '12.2.0-14+deb12u1',
      Depends: 'gcc-12-base (= 12.2.0-14+deb12u1), libc6 (>= 2.35)',
    },
    {Package: 'gcc-12-base', 'Multi-Arch': 'same', Version: '12.2.0-14+deb12u1'},
    {Package: 'libgomp1-mips64-cross', Architecture: 'all', Version: '12.2.0-14cross1'},
    {Package: 'libgcc-s4-mips64-cross', Architecture: 'all', Version: '12.2.0-14cross1', Depends: 'libc6-mips64-cross (>= 2.36)'},
    {Package: 'libc6-mips64-cross', Architecture: 'all', Version: '2.36-8cross1'},
  ])
  t.match(entries.get('libgomp1'), {make: 'given', version: '12.2.0-14', from: {file: 'pool/libgomp1-mips64-cross.deb'}})
  t.match(entries.get('libgomp1')?.control, /^Depends: libc6 \(>= 2.35\)$/m)
  t.match(entries.get('libgcc-s4')?.control, /^Depends: libc6 \(>= 2.36\)$/m)
  t.match(entries.get('libgcc-s4')?.control, /^Architecture: mips64$/m)
  t.notOk(entries.has('libgomp1-mips64-cross'))
})

t.test('a compiler has the version of its twin, and one without a twin is refused', async t => {
  const {entries, kinds} = indexOf(
    [
      {Package: 'gcc-12', Version: '12.2.0-14+deb12u1', Depends: 'cpp-12 (= 12.2.0-14+deb12u1), binutils-x86-64-linux-gnu'},
      {Package: 'gcc-12-mips64-linux-gnuabi64', Version: '12.2.0-14cross1'},
      {Package: 'cpp-12', Version: '12.2.0-14+deb12u1', Depends: 'gcc-12 (= 12.2.0-14+deb12u1)'},
      {Package: 'gfortran-12', Version: '12.2.0-14+deb12u1'},
      {Package: 'ghc', 'Multi-Arch': 'foreign'},
    ],
    ['gcc-12', 'cpp-12', 'gfortran-12', 'gcc-12-mips64-linux-gnuabi64'],
  )
  t.match(entries.get('gcc-12'), {make: 'stub', version: '12.2.0-14', from: {file: 'pool/gcc-12.deb'}})
  t.match(entries.get('gcc-12')?.control, /^Depends: cpp-12 \(= 12.2.0-14\+deb12u1\), binutils-mips64-linux-gnuabi64$/m)
  t.match(entries.get('cpp-12')?.control, /^Depends: gcc-12 \(= 12.2.0-14\)$/m)
  t.match(kinds.get('gfortran-12'), {kind: 'refused', why: /there is no gfortran-12-mips64-linux-gnuabi64/})
  t.same(kinds.get('ghc'), {kind: 'refused', why: 'code of the host'})
  t.notOk(entries.has('gfortran-12') || entries.has('ghc'))
})

t.test('of two versions the newer counts', async t => {
  const {entries} = indexOf([
    {Package: 'dwz', 'Multi-Arch': 'foreign', Version: '0.15-1'},
    {Package: 'dwz', 'Multi-Arch': 'foreign', Version: '0.15-1+deb12u1'},
  ])
  t.equal(entries.get('dwz')?.version, '0.15-1+deb12u1')
})

t.test('what a library would have brought besides libraries comes with the stub, unless it needs a library', async t => {
  const {entries} = indexOf([
    {Package: 'file', 'Multi-Arch': 'foreign', Depends: 'libc6, libmagic1 (= 1-1)'},
    {Package: 'libmagic1', 'Multi-Arch': 'same', Depends: 'libmagic-mgc (= 1-1), libz1, common, heavy-data'},
    {Package: 'libz1', 'Multi-Arch': 'same', Depends: 'libz-data, libmagic1'},
    {Package: 'libmagic-mgc', 'Multi-Arch': 'foreign'},
    {Package: 'common', Architecture: 'all'},
    {Package: 'libz-data', Architecture: 'all', Depends: 'common'},
    {Package: 'heavy-data', Architecture: 'all', Depends: 'libz1'},
    {Package: 'libc6', 'Multi-Arch': 'same'},
    {Package: 'libc6-mips64-cross', Architecture: 'all'},
  ])
  t.match(entries.get('file')?.control, /^Depends: libc6, libmagic-mgc, common, libz-data$/m)
})
