import t from 'tap'
import {readReasons} from '../../../../lib/config/reasons.js'
import {findReason, findTrouble, saysUnmet} from '../../../../lib/core/bulk/log.js'

t.test('what is nobody’s fault is known by the words of apt and dpkg-source', async t => {
  const cases: [line: string, trouble: string | undefined][] = [
    ['E: Failed to fetch http://m/pool/h/hello_2.10.orig.tar.gz  404  Not Found [IP: 1.2.3.4 80]', 'gone'],
    ['Err:1 http://m/debian bookworm InRelease  Temporary failure resolving ‘m’', 'away'],
    ['E: Failed to fetch http://m/x  Could not connect to m:80 (1.2.3.4). - connect (111: Connection refused)', 'away'],
    ['E: Failed to fetch http://m/x  503  Service Unavailable', 'away'],
    ['E: Failed to fetch http://m/x  Hash Sum mismatch', 'damaged'],
    ['dpkg-source: error: file x.tar.gz has size 3 instead of expected 4', 'damaged'],
    ['dpkg: error: cannot write: No space left on device', 'disk'],
    ['dpkg-source: error: cannot represent change to x', undefined],
  ]
  for (const [line, trouble] of cases) t.equal(findTrouble(['Reading package lists...', line])?.trouble, trouble, line)
})

t.test('of what apt says of a file, the line that names it is taken', async t => {
  const named = 'E: Failed to fetch http://m/pool/x_1.orig.tar.gz  404  Not Found [IP: 1.2.3.4 80]'
  t.match(findTrouble(['Err:2 http://m/debian bookworm/main x 1 (tar)', '  404  Not Found [IP: 1.2.3.4 80]', named]), {
    trouble: 'gone',
    line: named,
  })
})

t.test('dependencies that the archive cannot satisfy', async t => {
  t.ok(saysUnmet(' builddeps:./ : Depends: coq (>= 8.16) but it is not installable'))
  t.ok(saysUnmet('E: Unable to correct problems, you have held broken packages.'))
  t.notOk(saysUnmet('E: Sub-process /usr/bin/dpkg returned an error code (1)'))
})

t.test('each known reason is one, and tells what to do; the more telling one is taken', async t => {
  const reasons = await readReasons()
  t.ok(reasons.length > 10)
  t.equal(new Set(reasons.map(({id}) => id)).size, reasons.length)
  const found = (...lines: string[]) => findReason(lines, reasons)?.id
  t.equal(
    found('FAIL: x', 'qemu: uncaught target signal 11 (Segmentation fault) - core dumped', 'dh_auto_test: error: make check'),
    'qemu-crash',
  )
  t.equal(found('main.c:3:1: error: no', 'dpkg-buildpackage: error: x'), 'compiler')
  t.equal(found('1/2 one    TIMEOUT    120.57s   killed by signal 15 SIGTERM', 'dh_auto_test: error: meson test'), 'test-time')
  t.equal(found('curl: (6) Could not resolve host: example.org'), 'network')
  t.equal(found('dpkg-buildpackage: error: debian/rules build subprocess returned exit status 2'), undefined)
  t.equal(found('# FAIL: 0', 'all is well'), undefined)
})
