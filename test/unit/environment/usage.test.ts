import {readFileSync, writeFileSync} from 'node:fs'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import type {EnvironmentRecord} from '../../../lib/environment/record.js'
import {Store} from '../../../lib/environment/store.js'
import {measureEnvironments} from '../../../lib/environment/usage.js'

const MEGABYTE = 2 ** 20

const RECORD: EnvironmentRecord = {
  format: 1,
  name: 'one',
  profile: 'amd64',
  suite: 'bookworm',
  created: '2026-11-30T00:00:00.000Z',
  root: 'r1',
  layers: [],
  elf: {magic: '', mask: ''},
  endian: 'little',
  triple: 'x86_64-linux-gnu',
  programs: 'native',
}

/** A store with an environment, a megabyte of its own and two of a root's. */
async function storeIn(t: Test): Promise<Store> {
  const store = new Store(t.testdir())
  for (const directory of [store.rootTree('r1'), store.environment('one').upper]) await mkdir(directory, {recursive: true})
  await writeFile(join(store.rootTree('r1'), 'a'), Buffer.alloc(2 * MEGABYTE, 1))
  await writeFile(join(store.environment('one').upper, 'a'), Buffer.alloc(MEGABYTE, 1))
  return store
}

const megabytes = async (store: Store, record = RECORD) => {
  const [usage] = await measureEnvironments(store, [record])
  return [Math.floor((usage?.own ?? 0) / MEGABYTE), Math.floor((usage?.shared ?? 0) / MEGABYTE)]
}

t.test('what environments share is measured once, what is their own each time', async t => {
  const store = await storeIn(t)
  t.same(await megabytes(store), [1, 2])
  for (const tree of [store.rootTree('r1'), store.environment('one').upper]) {
    await writeFile(join(tree, 'b'), Buffer.alloc(3 * MEGABYTE, 1))
  }
  t.same(await megabytes(store), [4, 2])
})

t.test('of an environment that is being frozen nothing is kept: its newest layer is there in part', async t => {
  const store = await storeIn(t)
  const freezing = {...RECORD, layers: ['l1'], freezing: 'l1'}
  t.same(await megabytes(store, freezing), [1, 2])
  await mkdir(store.layerTree('l1'), {recursive: true})
  await writeFile(join(store.layerTree('l1'), 'a'), Buffer.alloc(MEGABYTE, 1))
  t.same(await megabytes(store, {...RECORD, layers: ['l1']}), [1, 3])
})

t.test('sizes of what is gone are dropped, and what is no size is passed over', async t => {
  const store = await storeIn(t)
  const sizes = join(store.home, 'sizes.json')
  writeFileSync(sizes, '{"roots/r1/tree": "many", "roots/gone/tree": 1}')
  t.same(await megabytes(store), [1, 2])
  t.same(Object.keys(JSON.parse(readFileSync(sizes, 'utf8'))), ['roots/r1/tree'])
  writeFileSync(sizes, 'null and void')
  t.same(await megabytes(store), [1, 2])
})
