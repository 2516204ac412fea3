import t from 'tap'
import {parseUpgrades} from '../../../../lib/core/debian/upgrades.js'

t.test('what apt would upgrade is read from its simulation', async t => {
  const lines = [
    'The following packages will be upgraded:',
    '  libc6 tar',
    'Inst tar [1.34+dfsg-1] (1.34+dfsg-1.2+deb12u1 Debian:12.11/oldstable [mips64el])',
    'Inst libnew1 (2.0-1 Debian-Security:12/oldstable-security [mips64el])',
    'Conf tar (1.34+dfsg-1.2+deb12u1 Debian:12.11/oldstable [mips64el])',
  ]
  t.same(parseUpgrades(lines), [
    {name: 'tar', from: '1.34+dfsg-1', to: '1.34+dfsg-1.2+deb12u1'},
    {name: 'libnew1', from: undefined, to: '2.0-1'},
  ])
  t.same(parseUpgrades(['Reading package lists...']), [])
})
