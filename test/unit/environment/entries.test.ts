import {mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {tableSize} from '../../../lib/activator/read-table.js'
import type {ActivatorEntry} from '../../../lib/core/binfmt/entry.js'
import {OWN_NAME} from '../../../lib/core/binfmt/entry.js'
import {TABLE_FILE} from '../../../lib/core/places.js'
import {changedEntries, changeEntries, readEntries} from '../../../lib/environment/entries.js'
import {writeNativeTable} from '../../../lib/environment/native-table.js'
import {Store} from '../../../lib/environment/store.js'
import {refusal} from '../refusal.js'
import {NATIVE} from './records.js'

const entry = (name: string): ActivatorEntry => ({
  name,
  interpreter: '/bin/cat',
  magic: '58595a',
  offset: 0,
  state: 'enabled',
  opened: 'at-once',
})

t.test("nobody makes an entry of the name that the environment's own programs have", async t => {
  for (const entries of [[], [entry(OWN_NAME)]]) {
    t.throws(() => changedEntries(entries, [{act: 'add', entry: entry(OWN_NAME)}]), refusal('bad-entry', {hint: 'choose another name'}))
  }
})

t.test('their entry is not removed where there is one, and unknown where there is none', async t => {
  const remove = {act: 'remove', name: OWN_NAME} as const
  t.throws(() => changedEntries([entry(OWN_NAME)], [remove]), refusal('bad-entry', {hint: /activator disable xbuild-env/}))
  t.throws(() => changedEntries([entry('other')], [remove]), refusal('unknown-entry', {hint: /other/}))
})

t.test('where programs run by themselves, the entries are those of the user alone, also the last one gone', async t => {
  const store = new Store(t.testdir())
  const paths = store.environment('amd64')
  mkdirSync(paths.directory, {recursive: true})
  await writeNativeTable(paths)
  const table = () => readFileSync(join(paths.nativeTable, TABLE_FILE))
  const without = table()
  t.equal(tableSize(without), without.length)
  t.same(await readEntries(paths, 'none'), [])
  t.same(await changeEntries(store, NATIVE, 'none', [{act: 'add', entry: entry('mine')}]), [entry('mine')])
  t.match(table().toString('latin1'), /mine/)
  t.same(await readEntries(paths, 'none'), [entry('mine')])
  await writeNativeTable(paths)
  t.match(table().toString('latin1'), /mine/, 'a table that is written anew keeps them')
  t.same(await changeEntries(store, NATIVE, 'none', [{act: 'remove', name: 'mine'}]), [])
  t.same(table(), without)
})
