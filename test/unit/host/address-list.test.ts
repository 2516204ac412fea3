import t from 'tap'
import {addressList, LOOPBACK} from '../../../lib/host/address-list.js'

t.test('an address is in one of the networks, or is not', async t => {
  const isAllowed = addressList(['10.0.0.3', '192.168.7.0/24', 'fd00:7::/64'])
  for (const address of ['10.0.0.3', '192.168.7.255', 'fd00:7::1', '::ffff:10.0.0.3']) t.ok(isAllowed(address), address)
  for (const address of ['10.0.0.4', '192.168.8.1', 'fd00:8::1', '::1', '127.0.0.1', '', 'build2']) t.notOk(isAllowed(address), address)
  for (const address of ['127.0.0.1', '127.9.9.9', '::1']) t.ok(addressList(LOOPBACK)(address), address)
  t.notOk(addressList(LOOPBACK)('10.0.0.3'))
})

t.test('what is neither an address nor a network is refused', async t => {
  for (const odd of ['', 'build2', '10.0.0.0/33', 'fd00::/129', '10.0.0', '10.0.0.0/', '10.0.0.0/8/8', '*'])
    t.throws(() => addressList([odd]), /is neither an address nor a network/, odd)
})
