import t from 'tap'
import {compareVersions} from '../../../../lib/core/debian/packages.js'
import {DEBIAN} from '../../../../lib/core/distributions/debian.js'
import {UBUNTU} from '../../../../lib/core/distributions/ubuntu.js'

const SIGNED = 'signed-by=/usr/share/keyrings/ubuntu-archive-keyring.gpg'

t.test('packages of the host’s come from the archive, others from the ports', async t => {
  t.same(UBUNTU.sources({suite: 'noble', architectures: ['amd64', 'arm64'], mirror: undefined}), [
    `deb [arch=amd64 ${SIGNED}] http://archive.ubuntu.com/ubuntu noble main universe`,
    `deb [arch=amd64 ${SIGNED}] http://archive.ubuntu.com/ubuntu noble-updates main universe`,
    `deb [arch=amd64 ${SIGNED}] http://security.ubuntu.com/ubuntu noble-security main universe`,
    `deb [arch=arm64 ${SIGNED}] http://ports.ubuntu.com/ubuntu-ports noble main universe`,
    `deb [arch=arm64 ${SIGNED}] http://ports.ubuntu.com/ubuntu-ports noble-updates main universe`,
    `deb [arch=arm64 ${SIGNED}] http://ports.ubuntu.com/ubuntu-ports noble-security main universe`,
  ])
})

t.test('a mirror has all of them', async t => {
  const sources = UBUNTU.sources({suite: 'jammy', architectures: ['arm64'], mirror: 'https://mirror.example/ubuntu'})
  t.same(
    sources.map(line => line.replace(/.*\] /, '')),
    ['jammy', 'jammy-updates', 'jammy-security'].map(pocket => `https://mirror.example/ubuntu ${pocket} main universe`),
  )
})

t.test('an update of a release is near, another revision is not', async t => {
  t.equal(compareVersions('13.2.0-23ubuntu4', '13.2.0-23ubuntu4.1', UBUNTU), 'skewed')
  t.equal(compareVersions('13.3.0-6ubuntu2~24.04.1', '13.3.0-6ubuntu2~24.04', UBUNTU), 'skewed')
  t.equal(compareVersions('13.2.0-23ubuntu4', '13.3.0-6ubuntu2~24.04', UBUNTU), 'different')
  t.equal(compareVersions('11.4.0-1ubuntu1~22.04', '11.4.0-1ubuntu1~22.04.2', UBUNTU), 'skewed')
  t.equal(compareVersions('11.4.0-1ubuntu1', '11.4.0-1ubuntu2', UBUNTU), 'different')
  t.equal(compareVersions('13.2.0-23ubuntu4', '13.2.0-23ubuntu4.1', DEBIAN), 'different', 'which Debian does not have')
})

t.test('the keys are a package of the host', async t => {
  t.ok(UBUNTU.keys.isWhole('ubuntu-archive-keyring.gpg'))
  t.notOk(UBUNTU.keys.isWhole('debian-archive-keyring.gpg'))
  t.ok(DEBIAN.keys.isWhole('debian-archive-keyring.pgp'))
  t.equal(DEBIAN.keys.suiteOf('debian-archive-trixie-stable.gpg'), 'trixie')
})
