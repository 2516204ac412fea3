import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {takeLock} from '../../../lib/host/lock.js'
import {processesWith} from '../../../lib/host/processes.js'
import {makeWorkDirectory, removeWorkDirectories} from '../../../lib/host/work-directory.js'
import {importing, kill, nodeArguments, start, until} from '../other-process.js'

t.test('one that is removed leaves nothing', async t => {
  const below = t.testdir({})
  const work = await makeWorkDirectory(below)
  writeFileSync(join(work.path, 'file'), '')
  t.equal(readdirSync(below).length, 2, 'itself, and its lock')
  await work.remove()
  t.same(readdirSync(below), [])
})

t.test('one that is held is let be by whoever makes another, or sweeps', async t => {
  const below = t.testdir({})
  const [first, second] = [await makeWorkDirectory(below), await makeWorkDirectory(below)]
  t.not(first.path, second.path)
  await first.remove()
  t.same(await removeWorkDirectories(below), {removed: [], held: [second.path]})
  t.ok(existsSync(second.path))
  await second.remove()
})

t.test('what a killed holder left is removed by the next that makes one', async t => {
  const below = t.testdir({})
  const script = `${importing('makeWorkDirectory', 'host/work-directory')} await makeWorkDirectory(${JSON.stringify(below)}); setInterval(() => {}, 1e6)`
  const holder = start(t, nodeArguments(script))
  const lock = await until(() => readdirSync(below).find(name => name.endsWith('.lock')))
  await until(() => processesWith(join(below, lock)).length === 1 && processesWith(join(below, lock))[0]?.pid === holder.pid)
  const left = join(below, lock.replace('.lock', ''))
  writeFileSync(join(left, 'file'), '')
  await kill(holder)
  const work = await makeWorkDirectory(below)
  t.notOk(existsSync(left))
  t.ok(existsSync(work.path))
  await work.remove()
  t.same(readdirSync(below), [])
})

t.test('one without a lock may be as new as that, and goes only where nobody makes any', async t => {
  const below = t.testdir({'work-new': {}, other: {}})
  const work = await makeWorkDirectory(below)
  t.ok(existsSync(join(below, 'work-new')))
  await work.remove()
  t.same(await removeWorkDirectories(below), {removed: [join(below, 'work-new')], held: []})
  t.same(readdirSync(below), ['other'])
})

t.test('one that is kept is swept by nobody', async t => {
  const below = t.testdir({})
  const work = await makeWorkDirectory(below)
  writeFileSync(join(work.path, 'file'), 'kept')
  const kept = await work.keep()
  t.same(await removeWorkDirectories(below), {removed: [], held: []})
  t.equal(readFileSync(join(kept, 'file'), 'utf8'), 'kept')
  t.equal(readdirSync(below).length, 1, 'nor is there a lock')
})

t.test('whoever has inherited its lock holds it still', async t => {
  const below = t.testdir({})
  mkdirSync(join(below, 'work-x'))
  const lock = await takeLock(join(below, 'work-x.lock'), 'exclusive', 'no')
  const heir = start(t, ['sleep', '600'], {stdio: ['ignore', 'ignore', 'ignore', lock?.fd ?? 'ignore']})
  await lock?.release()
  t.same((await removeWorkDirectories(below)).held, [join(below, 'work-x')])
  await kill(heir)
  t.same((await removeWorkDirectories(below)).removed, [join(below, 'work-x')])
})
