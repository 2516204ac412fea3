import fc from 'fast-check'
import t from 'tap'
import {makeGraph, waitingFor} from '../../../../lib/core/bulk/graph.js'
import {drawSample, selectSources} from '../../../../lib/core/bulk/select.js'
import {type IndexedSource, isBuiltFor, parseSources} from '../../../../lib/core/debian/source-index.js'

const SOURCES = `Package: hello
Binary: hello
Version: 2.10-3
Architecture: any
Section: devel
Build-Depends: debhelper-compat (= 13), libfoo-dev | libbar-dev [linux-any] <!nocheck>
Build-Depends-Indep: never
Checksums-Sha256:
 ${'a'.repeat(64)} 100 hello_2.10-3.dsc
 ${'b'.repeat(64)} 23 hello_2.10.orig.tar.gz

Package: hello
Binary: hello
Version: 2.10-3+deb12u1
Architecture: any
Section: devel

Package: foo
Binary: libfoo-dev,
 libfoo1
Version: 1-1
Architecture: linux-any all
Section: contrib/libs
Build-Depends: hello

Package: haskell-bar
Version: 1-1
Architecture: any all
Section: misc
Package-List: 
 libghc-bar-doc deb doc optional arch=all
 libghc-bar-dev deb haskell optional arch=any
 bar deb utils optional arch=linux-any
 bar-udeb udeb debian-installer optional arch=any

Package: docs
Binary: docs
Version: 1-1
Architecture: all
Section: doc

Package: old
Version: 1-1
Architecture: any
Extra-Source-Only: yes
`

const index = parseSources(SOURCES)
const nothing = {names: [], sections: [], all: false, sample: undefined, largest: undefined}

t.test('an index is read: the newest version of each source, and what its build needs', async t => {
  t.same(
    index.map(({name, version}) => `${name} ${version}`),
    ['docs 1-1', 'foo 1-1', 'haskell-bar 1-1', 'hello 2.10-3+deb12u1'],
  )
  t.same(index[1]?.binaries, ['libfoo-dev', 'libfoo1'])
  const [hello] = parseSources(SOURCES.split('\n\n')[0] ?? '')
  t.match(hello, {size: 123, needs: ['debhelper-compat', 'libfoo-dev', 'libbar-dev']})
})

t.test('a source that an index puts into misc is of the sections of its packages for one architecture', async t => {
  t.same(index.find(({name}) => name === 'haskell-bar')?.sections, ['haskell', 'utils'])
  for (const section of ['haskell', 'utils']) {
    const {packages} = selectSources(index, {...nothing, sections: [section]}, 'mips64el')
    t.same(
      packages.map(({name}) => name),
      ['haskell-bar'],
    )
  }
})

t.test('wildcards of architectures', async t => {
  for (const pattern of ['any', 'linux-any', 'any-mips64el', 'gnu-any-any', 'mips64el']) t.ok(isBuiltFor([pattern], 'mips64el'), pattern)
  for (const pattern of ['all', 'amd64', 'kfreebsd-any', 'any-arm', 'musl-any-any']) t.notOk(isBuiltFor([pattern], 'mips64el'), pattern)
})

t.test('one bad name leaves the others as they are, and says what may have been meant', async t => {
  const {packages, left} = selectSources(index, {...nothing, names: ['helo', 'foo', 'docs']}, 'mips64el')
  t.same(
    packages.map(({name}) => name),
    ['foo'],
  )
  t.match(left, [
    {word: 'helo', nearest: 'hello'},
    {word: 'docs', why: /no packages for mips64el/},
  ])
})

t.test('sections, with and without their area', async t => {
  const names = (section: string) => selectSources(index, {...nothing, sections: [section]}, 'mips64el').packages.map(({name}) => name)
  t.same(names('libs'), ['foo'])
  t.same(names('contrib'), ['foo'])
  t.same(names('devel'), ['hello'])
})

t.test('a sample is the same for its seed, whatever else there is in the archive', async () => {
  const source = (name: string): IndexedSource => ({
    name,
    version: '1',
    sections: [''],
    architectures: ['any'],
    binaries: [],
    size: 1,
    needs: [],
    relations: '',
  })
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{2,6}$/), {minLength: 1, maxLength: 40})
  fc.assert(
    fc.property(names, fc.integer({min: 1, max: 10}), fc.string(), (all, count, seed) => {
      const drawn = drawSample(all.map(source), count, seed).map(({name}) => name)
      const without = all.filter(name => drawn.includes(name) || name < 'm')
      const again = drawSample(without.reverse().map(source), count, seed).map(({name}) => name)
      return drawn.length === Math.min(count, all.length) && drawn.every(name => again.includes(name))
    }),
  )
})

t.test('who waits for whom', async t => {
  const graph = makeGraph(index)
  t.same([...(graph.needs.get('foo') ?? [])], ['hello'])
  t.same(waitingFor(graph, 'hello'), ['foo'])
  t.same(waitingFor(graph, 'foo'), [])
})
