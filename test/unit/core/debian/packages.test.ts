import t from 'tap'
import {
  compareVersions,
  crossSourceVersion,
  mergedPath,
  orderVersions,
  parseStatus,
  parseSums,
} from '../../../../lib/core/debian/packages.js'
import {DEBIAN} from '../../../../lib/core/distributions/debian.js'

const STATUS = `Package: sed
Essential: yes
Status: install ok installed
Architecture: mips64el
Version: 4.9-1
Description: GNU stream editor for filtering/transforming text
 Version: not a field, this is the description
 .
 Package: neither

Package: cc1-holder
Status: hold ok installed
Architecture: mips64el
Source: gcc-12
Version: 12.2.0-14+deb12u1

Package: libselinux1
Status: install ok installed
Architecture: mips64el
Source: libselinux (3.4-1)
Version: 3.4-1+b6

Package: gone
Status: deinstall ok config-files
Architecture: mips64el
Version: 1.0-1

Package: half
Status: install ok half-installed
Architecture: mips64el
Version: 1.0-1
`

t.test('only what is installed counts', async t => {
  t.same(
    parseStatus(STATUS).map(pack => pack.name),
    ['sed', 'cc1-holder', 'libselinux1'],
  )
})

t.test('a package counts from when its files are in place', async t => {
  const states = [
    'not-installed',
    'config-files',
    'half-installed',
    'unpacked',
    'half-configured',
    'triggers-awaited',
    'triggers-pending',
    'installed',
  ]
  const status = states.map(state => `Package: ${state}\nStatus: install ok ${state}\nVersion: 1\n`).join('\n')
  t.same(
    parseStatus(status).map(pack => pack.name),
    ['unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending', 'installed'],
  )
})

t.test('continued lines are no fields', async t => {
  const [sed] = parseStatus(STATUS)
  t.same(sed, {name: 'sed', version: '4.9-1', architecture: 'mips64el', source: 'sed', sourceVersion: '4.9-1'})
})

t.test("a source of another name has the package's version", async t => {
  const [, pack] = parseStatus(STATUS)
  t.match(pack, {source: 'gcc-12', sourceVersion: '12.2.0-14+deb12u1'})
})

t.test('a source of another version is named with it', async t => {
  const [, , pack] = parseStatus(STATUS)
  t.match(pack, {version: '3.4-1+b6', source: 'libselinux', sourceVersion: '3.4-1'})
})

t.test('a rebuild has the version of its source, also where no Source says so', async t => {
  const [pack] = parseStatus('Package: xz-utils\nVersion: 5.4.1-1+b2\nArchitecture: armel\n')
  t.match(pack, {version: '5.4.1-1+b2', source: 'xz-utils', sourceVersion: '5.4.1-1'})
})

t.test('without a Status, a stanza is of a package that is there', async t => {
  t.equal(parseStatus('Package: dash\nVersion: 0.5.12-2\n').length, 1)
})

t.test('an empty database has no packages', async t => {
  t.same(parseStatus(''), [])
  t.same(parseStatus('\n'), [])
})

t.test("a cross compiler's version names that of its source", async t => {
  t.equal(crossSourceVersion('12.2.0-14cross5'), '12.2.0-14')
  t.equal(crossSourceVersion('12.2.0-14cross5+b1'), '12.2.0-14')
  t.equal(crossSourceVersion('2.40-2'), '2.40-2')
})

t.test('the same version is exact', async t => {
  t.equal(compareVersions('12.2.0-14', '12.2.0-14', DEBIAN), 'exact')
  t.equal(compareVersions('1:2.3-4+deb12u2', '1:2.3-4+deb12u2', DEBIAN), 'exact')
})

t.test('another stable update is near, in either direction', async t => {
  t.equal(compareVersions('12.2.0-14+deb12u1', '12.2.0-14', DEBIAN), 'skewed')
  t.equal(compareVersions('12.2.0-14', '12.2.0-14+deb12u1', DEBIAN), 'skewed')
  t.equal(compareVersions('12.2.0-14+deb12u1', '12.2.0-14+deb12u2', DEBIAN), 'skewed')
  t.equal(compareVersions('1.2-3~deb12u1', '1.2-3', DEBIAN), 'skewed')
})

t.test('another revision, upstream version or epoch is different', async t => {
  t.equal(compareVersions('12.2.0-14', '12.2.0-13', DEBIAN), 'different')
  t.equal(compareVersions('12.2.0-14', '12.3.0-14', DEBIAN), 'different')
  t.equal(compareVersions('1:4.9-1', '4.9-1', DEBIAN), 'different')
})

t.test('paths that packages list from before the merge are those under /usr', async t => {
  t.equal(mergedPath('/bin/sed'), '/usr/bin/sed')
  t.equal(mergedPath('/lib64/ld.so.1'), '/usr/lib64/ld.so.1')
  t.equal(mergedPath('/usr/bin/sed'), '/usr/bin/sed')
  t.equal(mergedPath('/library/x'), '/library/x')
  t.equal(mergedPath('/opt/bin/sed'), '/opt/bin/sed')
})

t.test("dpkg's md5 sums are found by merged path", async t => {
  const sums = parseSums(`${'a'.repeat(32)}  bin/sed\n${'b'.repeat(32)}  usr/share/doc/a file\n`)
  t.same(
    [...sums],
    [
      ['/usr/bin/sed', 'a'.repeat(32)],
      ['/usr/share/doc/a file', 'b'.repeat(32)],
    ],
  )
  t.equal(parseSums('').size, 0)
})

/** Each is older than the next: man 7 deb-version, and `dpkg --compare-versions`. */
const RISING = [
  '1.0~~',
  '1.0~rc1',
  '1.0',
  '1.0-1~bpo1',
  '1.0-1',
  '1.0-1+deb12u3',
  '1.0-1+deb12u10',
  '1.0a-1',
  '1.0.1',
  '1.9',
  '1.10',
  '1:0.1',
]

t.test('versions are ordered as dpkg orders them', async t => {
  for (const [i, older] of RISING.entries()) {
    for (const newer of RISING.slice(i + 1)) {
      t.ok(orderVersions(older, newer) < 0, `${older} is older than ${newer}`)
      t.ok(orderVersions(newer, older) > 0, `${newer} is newer than ${older}`)
    }
    t.equal(orderVersions(older, older), 0)
  }
  t.equal(orderVersions('0:1.0-0', '1.0'), 0, 'an epoch of 0 and a revision of 0 are none')
})
