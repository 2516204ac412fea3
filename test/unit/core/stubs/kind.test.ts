import t from 'tap'
import {holdingsOf} from '../../../../lib/core/stubs/holdings.js'
import {joinLists, kindOf, type PackageFacts, type StubLists} from '../../../../lib/core/stubs/kind.js'

const NONE: StubLists = {tools: [], libraries: [], refused: []}

const kind = (facts: Partial<PackageFacts>, paths: readonly string[] = [], lists = NONE) =>
  kindOf({name: 'one', architecture: 'amd64', multiArch: 'no', holds: holdingsOf(paths), ...facts}, lists)

t.test('what is for all architectures is as it is, whatever else is said of it', async t => {
  const lists = {...NONE, refused: [{packages: ['one'], why: 'it is not'}]}
  t.same(kind({architecture: 'all', multiArch: 'foreign'}, ['usr/bin/one'], lists), {kind: 'for-all'})
})

t.test('what any architecture may have for another is a tool, what must be of the same is a library', async t => {
  t.same(kind({multiArch: 'foreign'}, ['usr/include/gettext-po.h', 'usr/bin/msgfmt']), {kind: 'tool', why: 'foreign'})
  t.same(kind({multiArch: 'same'}, ['usr/bin/xml2-config']), {kind: 'library'})
})

t.test('where that is not said, programs in PATH make a tool, unless others link what the package has', async t => {
  t.same(kind({}, ['bin/one', 'usr/share/doc/one/copyright']), {kind: 'tool', why: 'programs'})
  t.same(kind({multiArch: 'allowed'}, ['usr/bin/python3.11']), {kind: 'tool', why: 'programs'})
  t.same(kind({}, ['usr/bin/one', 'usr/lib/x86_64-linux-gnu/libone.so']), {kind: 'library'})
  t.same(kind({}, ['usr/bin/apt', 'usr/lib/x86_64-linux-gnu/libapt-private.so.0.0']), {kind: 'tool', why: 'programs'}, 'its own')
  t.same(kind({}, ['usr/bin/make', 'usr/include/gnumake.h']), {kind: 'tool', why: 'programs'}, 'for plugins')
  t.same(kind({}, ['usr/lib/one/one']), {kind: 'library'}, 'nobody would run it')
  t.same(kind({}, ['usr/lib/x86_64-linux-gnu/libone.so.1']), {kind: 'library'}, 'somebody else’s programs load it')
})

t.test('a program’s own plugins are no libraries', async t => {
  t.same(kind({}, ['usr/bin/one', 'usr/lib/one/plugin.so', 'usr/lib/x86_64-linux-gnu/one/plugin.so']), {kind: 'tool', why: 'programs'})
})

t.test('compiled modules of perl and python are for the interpreters, which are tools', async t => {
  t.same(kind({name: 'libencode-perl'}, ['usr/lib/x86_64-linux-gnu/perl5/5.36/auto/Encode/Encode.so']), {kind: 'tool', why: 'modules'})
  t.same(kind({name: 'python3-lxml'}, ['usr/lib/python3/dist-packages/lxml/etree.cpython-311-x86_64-linux-gnu.so']), {
    kind: 'tool',
    why: 'modules',
  })
})

t.test('a package for those who compile with a library has to be built, also where it has nothing but programs', async t => {
  t.same(kind({name: 'python3-dev', multiArch: 'allowed'}, ['usr/bin/python3-config']), {kind: 'library'})
})

t.test('lists come first, and a pattern stands for many names', async t => {
  const lists: StubLists = {tools: ['libperl5.*'], libraries: ['one'], refused: [{packages: ['golang-1.*-go'], why: 'code of the host'}]}
  t.same(kind({name: 'libperl5.36', multiArch: 'same'}, [], lists), {kind: 'tool', why: 'listed'})
  t.same(kind({}, ['usr/bin/one'], lists), {kind: 'library'})
  t.same(kind({name: 'golang-1.19-go', multiArch: 'foreign'}, [], lists), {kind: 'refused', why: 'code of the host'})
  t.same(kind({name: 'golang-1.19-go-more', multiArch: 'foreign'}, [], lists), {kind: 'tool', why: 'foreign'})
})

t.test('what a user says of a package is all that is said of it', async t => {
  const given: StubLists = {tools: ['a'], libraries: ['b'], refused: [{packages: ['rustc', 'cargo'], why: 'no'}]}
  t.same(joinLists({tools: ['rustc', 'b'], libraries: ['a'], refused: []}, given), {
    tools: ['rustc', 'b'],
    libraries: ['a'],
    refused: [{packages: ['cargo'], why: 'no'}],
  })
})
