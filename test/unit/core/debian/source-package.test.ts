import t from 'tap'
import {
  controlArchitectures,
  isForAllAlone,
  parseChangelog,
  parseChanges,
  parseDsc,
  sourceDirectory,
} from '../../../../lib/core/debian/source-package.js'

const SUM = 'a'.repeat(64)

const dsc = (file: string) => `Format: 3.0 (quilt)
Source: zlib
Architecture: any all
Version: 1:1.2.13.dfsg-1
Checksums-Sha256:
 ${SUM} 1239825 zlib_1.2.13.dfsg.orig.tar.bz2
 ${SUM} 15700 ${file}
`

t.test('a .dsc says name, version and files', async t => {
  t.same(parseDsc(dsc('zlib_1.2.13.dfsg-1.debian.tar.xz')), {
    name: 'zlib',
    version: '1:1.2.13.dfsg-1',
    architectures: ['any', 'all'],
    files: [
      {name: 'zlib_1.2.13.dfsg.orig.tar.bz2', size: 1239825, sha256: SUM},
      {name: 'zlib_1.2.13.dfsg-1.debian.tar.xz', size: 15700, sha256: SUM},
    ],
  })
})

t.test('a .dsc that names a path, an option or nothing is none', async t => {
  for (const name of ['../../etc/passwd', '/etc/passwd', '-rf', '.hidden', 'a b']) t.equal(parseDsc(dsc(name)), undefined, name)
  t.equal(parseDsc('Source: zlib\nVersion: 1\n'), undefined)
  t.equal(parseDsc(dsc('x').replace('zlib\n', '../zlib\n')), undefined)
  t.equal(parseDsc(dsc('x').replace('1:1.2.13.dfsg-1', '1 $(x)')), undefined)
})

t.test('a .dsc that names a file twice is none', async t => {
  t.equal(parseDsc(dsc('zlib_1.2.13.dfsg.orig.tar.bz2')), undefined)
})

const changes = (file: string) => `Source: hello (2.10-3)\nVersion: 2.10-3+b1\nChecksums-Sha256:\n ${SUM} 5 ${file}\n`

t.test('the source of a .changes may have a version of its own', async t => {
  t.match(parseChanges(changes('hello_2.10-3+b1_arm64.deb')), {
    name: 'hello',
    version: '2.10-3+b1',
    files: [{name: 'hello_2.10-3+b1_arm64.deb'}],
  })
})

t.test('what a build makes has the name of a package, and its log and traces are not its own', async t => {
  for (const name of ['a_1_all.udeb', 'a-b_1.0~rc1-2_arm64.buildinfo', 'installer-images_2023_arm64.tar.gz'])
    t.ok(parseChanges(changes(name)), name)
  const tools = ['build', 'trace', 'install.trace'].map(type => `hello_2.10-3_arm64.${type}`)
  for (const name of [...tools, 'authorized_keys', 'Makefile', 'a_1.deb', 'a_1_\u001b]0;x.deb', '../a_1_all.deb'])
    t.equal(parseChanges(changes(name)), undefined, name)
  t.equal(parseChanges(changes(`a_1_all.deb\n ${SUM} 5 a_1_all.deb`)), undefined)
})

t.test('the first entry of a changelog counts', async t => {
  t.same(parseChangelog('bc (1.07.1-3) unstable; urgency=medium\n\n  * x\n\nbc (1.07.1-2) unstable\n'), {name: 'bc', version: '1.07.1-3'})
  t.equal(parseChangelog('nothing\n'), undefined)
  t.equal(parseChangelog('../x (1) unstable\n'), undefined)
})

t.test('the directory of a source has neither epoch nor revision', async t => {
  const names = ['1:1.2.13.dfsg-1', '2.10', '1.0-2-3'].map(version => sourceDirectory({name: 'x', version}))
  t.same(names, ['x-1.2.13.dfsg', 'x-2.10', 'x-1.0-2'])
})

t.test('a source whose packages are all for all architectures is known by its debian/control', async t => {
  const control = (architecture: string) => `Source: x\n\nPackage: a\nArchitecture: all\n\nPackage: b\nArchitecture: ${architecture}\n`
  t.same(controlArchitectures(control('amd64 arm64')), ['all', 'amd64', 'arm64'])
  t.ok(isForAllAlone(controlArchitectures(control('all'))))
  t.notOk(isForAllAlone(controlArchitectures(control('any'))))
  t.notOk(isForAllAlone([]))
})
