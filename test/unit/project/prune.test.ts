import {linkSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {Store} from '../../../lib/environment/store.js'
import {planPrune} from '../../../lib/project/prune.js'
import {NATIVE} from '../environment/records.js'

const MEGABYTE = 2 ** 20

t.test('what something shares with what stays is not counted as freed', async t => {
  const store = new Store(t.testdir())
  const {directory, record: file} = store.environment(NATIVE.name)
  mkdirSync(directory, {recursive: true})
  writeFileSync(file, JSON.stringify(NATIVE))
  const [kept, going] = [store.rootTree(NATIVE.root), store.rootTree('fedcba9876543210')]
  for (const tree of [kept, going]) mkdirSync(tree, {recursive: true})
  writeFileSync(join(kept, 'shared'), Buffer.alloc(4 * MEGABYTE, 1))
  linkSync(join(kept, 'shared'), join(going, 'shared'))
  writeFileSync(join(going, 'own'), Buffer.alloc(MEGABYTE, 1))
  const plan = await planPrune(store, 30)
  t.same(
    plan.map(({path, bytes}) => [path, Math.floor(bytes / MEGABYTE)]),
    [[join(store.roots, 'fedcba9876543210'), 1]],
  )
})
