import {existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {downloadsOf, lockOf, noteUse, removeUnusedData} from '../../../lib/bulk/cluster/unused-data.js'
import {takeLock} from '../../../lib/host/lock.js'

const LONG_AGO = new Date(Date.now() - 15 * 24 * 3600 * 1000)

t.test('what nobody needed for a fortnight goes from a node, and nothing else', async t => {
  const home = t.testdir({jobs: {'17': {}}, jobs2: {}})
  for (const key of ['old', 'held', 'new', 'again']) {
    mkdirSync(join(home, key, 'roots'), {recursive: true})
    writeFileSync(lockOf(home, key), '')
    utimesSync(lockOf(home, key), LONG_AGO, LONG_AGO)
  }
  for (const run of ['old', 'new']) mkdirSync(downloadsOf(home, run), {recursive: true})
  for (const path of [downloadsOf(home, 'old'), join(home, 'jobs')]) utimesSync(path, LONG_AGO, LONG_AGO)
  const now = new Date()
  utimesSync(lockOf(home, 'new'), now, now)
  await noteUse(lockOf(home, 'again'))
  await noteUse(downloadsOf(home, 'not there'))
  const held = await takeLock(lockOf(home, 'held'), 'exclusive', 'no')
  t.ok(held)
  await removeUnusedData(home)
  t.notOk(existsSync(join(home, 'old')))
  t.same(
    readdirSync(home)
      .filter(name => !name.startsWith('.'))
      .sort(),
    ['again', 'downloads', 'held', 'jobs', 'jobs2', 'new'],
  )
  t.same(readdirSync(join(home, 'downloads')), ['new'])
  await held?.release()
  await removeUnusedData(home)
  t.notOk(existsSync(join(home, 'held')), 'once nobody brings it there')
})
