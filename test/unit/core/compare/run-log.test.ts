import t from 'tap'
import {different} from '../../../../lib/core/compare/difference.js'
import {withoutRunLog} from '../../../../lib/core/compare/run-log.js'

const log = (tried: string, results: string) =>
  Buffer.from(`${tried}\n## ---------------- ##\n## Cache variables. ##\n## ---------------- ##\n\n${results}\n`)

const compare = (one: Buffer, other: Buffer) => (one.equals(other) ? [] : [different('line 1', 'they differ')])

const causes = (one: Buffer, other: Buffer) => withoutRunLog('sub/config.log', one, other, compare).map(({cause}) => cause)

t.test('of config.log, only the results have to be the same', async t => {
  t.same(causes(log('pid 1', 'ac_cv_a=yes'), log('pid 2', 'ac_cv_a=yes')), ['run-log'])
  t.same(causes(log('pid 1', 'ac_cv_a=yes'), log('pid 1', 'ac_cv_a=no')), ['none'])
  t.equal(withoutRunLog('config.log', log('', 'a=1'), log('', 'a=2'), compare)[0]?.place, 'results, line 1')
})

t.test('a result that is a time may differ, and nothing beside it', async t => {
  const measured = (seconds: string, other: string) => log('', `am_cv_filesystem_timestamp_resolution=${seconds}\nac_cv_b=${other}`)
  t.same(causes(measured('0.1', 'yes'), measured('0.2', 'yes')), ['run-log'])
  t.same(causes(measured('0.1', 'yes'), measured('0.2', 'no')), ['none'])
})

t.test('another file is compared whole', async t => {
  t.same(withoutRunLog('config.log.c', log('pid 1', ''), log('pid 2', ''), compare), compare(Buffer.from('a'), Buffer.from('b')))
})

t.test('the time in a .buildinfo does not count, what was built does', async t => {
  const info = (date: string, sum: string) => Buffer.from(`Format: 1.0\nBuild-Date: ${date}\nChecksums-Sha256:\n ${sum} 12 a.deb\n`)
  const compareInfo = (one: Buffer, other: Buffer) => withoutRunLog('../a_1_mips64el.buildinfo', one, other, compare)
  t.same(compareInfo(info('Sun, 29 Nov 2026 22:00:00 +0000', 'a1'), info('Sun, 29 Nov 2026 22:00:09 +0000', 'a1')), [
    different('log', 'it was built at another time', 'run-log'),
  ])
  t.match(compareInfo(info('today', 'a1'), info('today', 'a2')), [{place: 'results, line 1', cause: 'none'}])
})
