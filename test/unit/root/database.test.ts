import t from 'tap'
import {hostArchitecture} from '../../../lib/core/hosts/hosts.js'
import {type DatabaseChanges, parseInfoName, retargetInfoName, retargetStatus} from '../../../lib/root/database.js'

const changes: DatabaseChanges = {
  names: {
    host: hostArchitecture('x64'),
    target: {triple: 'mips64-linux-gnuabi64', architecture: 'mips64', machine: 'mips64-unknown-linux-gnuabi64', libc: 'libc6'},
  },
  versions: new Map([
    ['libc6', '2.36-8'],
    ['libgcc-s4', '12.2.0-14'],
  ]),
  gone: new Set(['libcrypt-dev']),
}

const status = (text: string) => retargetStatus(text, changes)

t.test('a package of the host’s architecture is one of the target’s', async t => {
  t.match(
    status('Package: sed\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4.9-1\nDepends: libc6 (>= 2.36)\n'),
    'Package: sed\nStatus: install ok installed\nArchitecture: mips64\nVersion: 4.9-1\nDepends: libc6 (>= 2.36)\n',
  )
})

t.test('a package for all architectures stays one', async t => {
  t.match(status('Package: autoconf\nArchitecture: all\nVersion: 2.71-3\n'), 'Architecture: all\n')
})

t.test('packages that are named after the triple are named after the target’s', async t => {
  t.match(status('Package: binutils-x86-64-linux-gnu\nArchitecture: amd64\nVersion: 2.40-2\n'), 'Package: binutils-mips64-linux-gnuabi64\n')
})

t.test('a package that the target has in another version has it, and others depend on that one', async t => {
  const text = status(
    'Package: libc6\nSource: glibc (2.36-9+deb12u10)\nArchitecture: amd64\nVersion: 2.36-9+deb12u10\n\n' +
      'Package: libc6-dev\nArchitecture: amd64\nVersion: 2.36-9+deb12u10\nDepends: libc6 (= 2.36-9+deb12u10), libcrypt-dev, gcc | libcrypt-dev\n',
  )
  t.match(text, 'Package: libc6\nSource: glibc\nArchitecture: mips64\nVersion: 2.36-8\n')
  t.match(text, 'Depends: libc6 (= 2.36-8), gcc\n')
})

t.test('a package that the target does not have is gone', async t => {
  t.notMatch(status('Package: libcrypt-dev\nArchitecture: amd64\nVersion: 1:4.4.33-2\n'), 'libcrypt-dev')
})

t.test('a package that only the target has is there', async t => {
  t.match(status(''), /Package: libgcc-s4\nStatus: install ok installed\n(.*\n)*Version: 12.2.0-14\n/)
})

t.test('continued lines stay where they are', async t => {
  t.match(
    status('Package: sed\nConffiles:\n /etc/a 0123\n /etc/b 4567\nDescription: short\n long\n .\n end\n'),
    'Package: sed\nConffiles: \n /etc/a 0123\n /etc/b 4567\nDescription: short\n long\n .\n end\n',
  )
})

t.test('names of info files are told apart from packages with dots in their names', async t => {
  t.same(parseInfoName('libc6:amd64.list'), {package: 'libc6', architecture: 'amd64', kind: 'list'})
  t.same(parseInfoName('libpython3.11-minimal.md5sums'), {package: 'libpython3.11-minimal', architecture: undefined, kind: 'md5sums'})
  t.equal(parseInfoName('format'), undefined)
})

t.test('info files carry the target’s architecture', async t => {
  t.equal(retargetInfoName('libc6:amd64.list', changes), 'libc6:mips64.list')
  t.equal(retargetInfoName('binutils-x86-64-linux-gnu.list', changes), 'binutils-mips64-linux-gnuabi64.list')
  t.equal(retargetInfoName('libcrypt-dev:amd64.list', changes), undefined)
  t.equal(retargetInfoName('format', changes), 'format')
})
