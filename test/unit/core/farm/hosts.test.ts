import t from 'tap'
import {encodeFarmHosts, formatFarmHost, parseFarmHost, parseFarmHosts, readFarmHost} from '../../../../lib/core/farm/hosts.js'

t.test('a host is a name or an address, with a port of its own or that of farms', async t => {
  for (const [text, host, port] of [
    ['build2', 'build2', 3632],
    ['build-2.example.org:4000', 'build-2.example.org', 4000],
    ['10.0.0.3:1', '10.0.0.3', 1],
    ['fd00:7::2', 'fd00:7::2', 3632],
    ['[fd00:7::2]:65535', 'fd00:7::2', 65535],
    ['[fe80::1%eth0]', 'fe80::1%eth0', 3632],
    ['::1', '::1', 3632],
  ] as const) {
    t.same(parseFarmHost(text), {host, port}, text)
    t.same(parseFarmHost(formatFarmHost({host, port})), {host, port}, `${text}, written and read`)
  }
  for (const odd of ['', '-x', 'a b', 'a:0', 'a:65536', 'a:', '[::1', 'a/b', 'a\n', '::1]:3', '--none'])
    t.equal(parseFarmHost(odd), undefined, JSON.stringify(odd))
  t.throws(() => readFarmHost('a b'), /is not a machine's name/)
})

t.test('what is kept of them is read as it was written, and nothing else', async t => {
  const hosts = [
    {host: 'build2', port: 3632},
    {host: 'fd00::1', port: 4000},
  ]
  t.same(parseFarmHosts(encodeFarmHosts(hosts)), hosts)
  for (const odd of ['', '{', '[]', '{"hosts": 3}', '{"hosts": ["a b"]}', '{"hosts": [3]}']) t.equal(parseFarmHosts(odd), undefined, odd)
})
