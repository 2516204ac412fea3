import t from 'tap'
import {withSourcePackages} from '../../../lib/core/debian/apt-sources.js'
import {parseComing} from '../../../lib/core/debian/coming.js'

const derived = (name: string, text: string) => withSourcePackages([{name, text}])[0]?.text

t.test('each archive of packages is also one of source packages, with the same options', async t => {
  t.equal(
    derived('sources.list', '# a comment\ndeb [signed-by=/k.asc]  http://m/debian bookworm main\n#deb http://x y z\n'),
    '# a comment\ndeb [signed-by=/k.asc]  http://m/debian bookworm main\ndeb-src [signed-by=/k.asc] http://m/debian bookworm main\n#deb http://x y z\n',
  )
})

t.test('what is there already is not added twice', async t => {
  const both = 'deb http://m/debian bookworm main\ndeb-src  http://m/debian bookworm main\n'
  t.equal(derived('a.list', both), both)
})

t.test('files of stanzas get the other type', async t => {
  t.equal(
    derived('debian.sources', 'Types: deb\nURIs: http://m\n\nTypes: deb-src\nURIs: http://n\n'),
    'Types: deb deb-src\nURIs: http://m\n\nTypes: deb-src\nURIs: http://n\n',
  )
})

const RECORDS = `Package: libxml-libxml-perl
Architecture: mips64el
Version: 2.0207+dfsg+really+2.0134-1+b1
Source: libxml-libxml-perl (2.0207+dfsg+really+2.0134-1)
Depends: libc6 (>= 2.36), perl (>= 5.36.0-7), perlapi-5.36.0

Package: python3-yaml
Architecture: mips64el
Version: 6.0-3
Source: pyyaml
Depends: python3 (<< 3.12), python3 (>= 3.11~), libc6

Package: libsub-override-perl
Architecture: all
Version: 0.09-4
Depends: perl:any

Package: man-db
Architecture: mips64el
Version: 2.11.2-2
Depends: groff-base, bsdextrautils, libc6

Package: -rf
Version: 1
Architecture: all

Package: removed-
Version: 1
Architecture: all
`

t.test('of what will come, source and version are known, and compiled modules by the interfaces that they need', async t => {
  t.same(
    parseComing(RECORDS.split('\n')).map(({pack, modules}) => [pack.name, pack.source, pack.sourceVersion, modules]),
    [
      ['libxml-libxml-perl', 'libxml-libxml-perl', '2.0207+dfsg+really+2.0134-1', 'some'],
      ['python3-yaml', 'pyyaml', '6.0-3', 'some'],
      ['libsub-override-perl', 'libsub-override-perl', '0.09-4', 'none'],
      ['man-db', 'man-db', '2.11.2-2', 'none'],
    ],
  )
})

t.test('the sums of its files are known where the package was looked into', async t => {
  const sum = (digit: string) => digit.repeat(32)
  const lists = [
    '--- md5 sums of man-db',
    `${sum('a')}  usr/bin/mandb`,
    `${sum('b')}  bin/man`,
    '--- md5 sums of file',
    '--- md5 sums of x',
  ]
  const coming = parseComing([...RECORDS.split('\n'), ...lists])
  t.same(
    coming.map(({pack, sums}) => [pack.name, ...sums]),
    [
      ['libxml-libxml-perl'],
      ['python3-yaml'],
      ['libsub-override-perl'],
      ['man-db', ['/usr/bin/mandb', sum('a')], ['/usr/bin/man', sum('b')]],
    ],
  )
})
