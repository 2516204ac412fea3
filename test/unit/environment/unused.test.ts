import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {Store} from '../../../lib/environment/store.js'
import {findUnused, stubsKey} from '../../../lib/environment/unused.js'
import {NATIVE} from './records.js'

t.test('stub packages are unused when no environment has the root that they are for', async t => {
  const store = new Store(t.testdir())
  const {directory, record: file} = store.environment(NATIVE.name)
  mkdirSync(directory, {recursive: true})
  writeFileSync(file, JSON.stringify(NATIVE))
  const [used, unused] = [NATIVE.root, 'fedcba9876543210'].map(root => join(store.stubs, stubsKey(root, '00112233'))) as [string, string]
  for (const path of [used, unused]) mkdirSync(path, {recursive: true})
  writeFileSync(join(store.stubs, '.lock'), '')
  t.same(await findUnused(store), [unused])
  t.same(await findUnused(store, [NATIVE.name]), [used, unused])
})
