import t from 'tap'
import {packagesWithModules, parseSimulation} from '../../../lib/core/debian/apt-simulation.js'
import {withSourcePackages} from '../../../lib/core/debian/apt-sources.js'

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

const SIMULATION = `Note, using directory '/build/hello-2.10/' to get the build dependencies
The following NEW packages will be installed:
  file
Inst libmagic1 (1:5.44-3 Debian:12.15/oldstable [mips64el])
Inst libc6 [2.36-9] (2.36-9+deb12u13 Debian:12.15/oldstable [mips64el]) [dpkg:mips64el ]
Inst libfoo:i386 (1 Debian:12 [i386])
Inst -rf (1 Debian:12 [all])
Conf libmagic1 (1:5.44-3 Debian:12.15/oldstable [mips64el])`

t.test('what apt would install is read of its simulation', async t => {
  t.same(parseSimulation(SIMULATION.split('\n')), [
    {name: 'libmagic1', architecture: 'mips64el'},
    {name: 'libc6', architecture: 'mips64el'},
    {name: 'libfoo', architecture: 'i386'},
  ])
})

t.test('compiled modules are known by the interfaces that they need', async t => {
  const records = `Package: libxml-libxml-perl
Architecture: mips64el
Depends: libc6 (>= 2.36), perl (>= 5.36.0-7), perlapi-5.36.0

Package: python3-yaml
Architecture: mips64el
Depends: python3 (<< 3.12), python3 (>= 3.11~), libc6

Package: libsub-override-perl
Architecture: all
Depends: perl:any

Package: help2man
Architecture: mips64el
Depends: perl:any, libc6`
  t.same(packagesWithModules(records.split('\n')), ['libxml-libxml-perl', 'python3-yaml'])
})
