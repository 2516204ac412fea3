import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {takeLock} from '../../../lib/host/lock.js'
import {processesWith} from '../../../lib/host/processes.js'
import {makeOnce, partialKey, partialName, removeKey} from '../../../lib/host/store.js'
import {until} from '../other-process.js'
import {refusal} from '../refusal.js'

/** Whatever is there besides locks. */
const namesIn = (directory: string) => readdirSync(directory).filter(name => !name.endsWith('.lock'))

/** As a maker writes it. */
const content = (text: string) => async (partial: string) => writeFileSync(join(partial, 'tree'), text)

t.test('a partial name gives its key back, and no other name is taken for one', async t => {
  for (const key of ['0123', 'imported-01-2', 'a-deadbeef', '.partial-x']) t.equal(partialKey(partialName(key)), key)
  t.not(partialName('key'), partialName('key'))
  for (const name of ['key', '.partial-key', '.partial-key-0123456', '.partial--01234567', '.partial-key-0123456g', '.key.lock']) {
    t.equal(partialKey(name), undefined, name)
  }
})

t.test('what is there is not made again, and nobody else may look into the directory', async t => {
  const store = join(t.testdir({}), 'roots')
  t.equal(await makeOnce(store, 'key', content('first')), 'made')
  t.equal(await makeOnce(store, 'key', content('second')), 'there')
  t.equal(readFileSync(join(store, 'key/tree'), 'utf8'), 'first')
  t.same(namesIn(store), ['key'])
  t.equal(statSync(store).mode & 0o077, 0)
})

t.test('of two makers of one key one makes it, and both have it', async t => {
  const store = t.testdir({})
  let made = 0
  const waiting = () => processesWith(join(store, '.key.lock')).filter(({argv}) => argv.includes('flock'))
  const make = async (partial: string) => {
    made++
    await until(() => waiting().length === 2)
    t.notOk(existsSync(join(store, 'key')), 'nobody sees it before it is complete')
    await content('complete')(partial)
  }
  const results = await Promise.all([1, 2, 3].map(() => makeOnce(store, 'key', make)))
  t.same(results.sort(), ['made', 'there', 'there'])
  t.equal(made, 1)
})

t.test('what could not be made is not there, nor any part of it, and the next may try', async t => {
  const store = t.testdir({})
  const failure = new Error('the mirror is gone')
  const fail = async (partial: string) => {
    await content('half')(partial)
    throw failure
  }
  await t.rejects(makeOnce(store, 'key', fail), failure)
  t.same(namesIn(store), [])
  t.equal(await makeOnce(store, 'key', content('whole')), 'made')
})

t.test('what a killed maker of the same key left is removed first, what another makes is let be', async t => {
  const store = t.testdir({})
  const [left, others] = [partialName('key'), partialName('key-2')]
  for (const name of [left, others]) mkdirSync(join(store, name))
  await content('half')(join(store, left))
  await makeOnce(store, 'key', async partial => {
    t.notOk(existsSync(join(store, left)))
    await content('whole')(partial)
  })
  t.same(namesIn(store).sort(), [others, 'key'].sort())
})

t.test('an interruption ends the waiting for another maker', async t => {
  const store = t.testdir({})
  const lock = await takeLock(join(store, '.key.lock'), 'exclusive', 'no')
  const end = new AbortController()
  const reason = new Error('interrupted')
  setTimeout(() => end.abort(reason), 20)
  await t.rejects(makeOnce(store, 'key', content('none'), end.signal), reason)
  t.same(namesIn(store), [])
  await lock?.release()
})

t.test('a key that is removed is gone with all that is in it, and no other', async t => {
  const store = t.testdir({key: {deep: {file: ''}}, other: {}})
  await removeKey(store, 'key')
  t.same(namesIn(store), ['other'])
  await t.rejects(removeKey(store, 'key'), {code: 'ENOENT'})
})

t.test('a part of a path that is a file is told', async t => {
  const file = join(t.testdir({file: ''}), 'file')
  await t.rejects(makeOnce(join(file, 'roots'), 'key', content('none')), refusal('bad-directory'))
})
