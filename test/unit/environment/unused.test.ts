import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import type {NativeRecord} from '../../../lib/environment/record.js'
import {Store} from '../../../lib/environment/store.js'
import {findUnused, stubsKey} from '../../../lib/environment/unused.js'

const record: NativeRecord = {
  format: 4,
  programs: 'native',
  name: 'amd64',
  profile: 'amd64',
  suite: 'bookworm',
  created: '2026-01-02T03:04:05.678Z',
  root: '0123456789abcdef',
  layers: [],
  elf: {magic: '7f454c46', mask: 'ffffffff'},
  endian: 'little',
  triple: 'x86_64-linux-gnu',
}

t.test('stub packages are unused when no environment has the root that they are for', async t => {
  const store = new Store(t.testdir())
  const {directory, record: file} = store.environment(record.name)
  mkdirSync(directory, {recursive: true})
  writeFileSync(file, JSON.stringify(record))
  const [used, unused] = [record.root, 'fedcba9876543210'].map(root => join(store.stubs, stubsKey(root, '00112233'))) as [string, string]
  for (const path of [used, unused]) mkdirSync(path, {recursive: true})
  writeFileSync(join(store.stubs, '.lock'), '')
  t.same(await findUnused(store), [unused])
  t.same(await findUnused(store, [record.name]), [used, unused])
})
