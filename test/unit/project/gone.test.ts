import {existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import t from 'tap'
import {Store} from '../../../lib/environment/store.js'
import {takeLock} from '../../../lib/host/lock.js'
import {removeGoneProjects} from '../../../lib/project/gone.js'
import {buildPaths} from '../../../lib/project/paths.js'
import {projectAt} from './projects.js'

/** What a build of a tree keeps; its directory. */
function keep(store: Store, tree: string): {project: string; lock: string} {
  const {directory, tree: file, lock} = buildPaths(store, projectAt(tree), 'arm64')
  mkdirSync(directory, {recursive: true})
  writeFileSync(file, `${JSON.stringify({tree})}\n`)
  writeFileSync(lock, '')
  return {project: dirname(directory), lock}
}

t.test('what is kept of a tree goes when that has gone, and not before', async t => {
  const directory = t.testdir({there: {}, gone: {}})
  const store = new Store(join(directory, 'data'))
  const [there, gone] = [keep(store, join(directory, 'there')), keep(store, join(directory, 'gone'))]
  t.same(await removeGoneProjects(store), [])
  rmSync(join(directory, 'gone'), {recursive: true})
  t.same(await removeGoneProjects(store), [gone.project])
  t.notOk(existsSync(gone.project))
  t.same(readdirSync(there.project).sort(), ['.arm64.lock', 'arm64', 'tree.json'])
})

t.test('what is being built stays, whatever became of its tree', async t => {
  const directory = t.testdir({})
  const store = new Store(directory)
  const {project, lock} = keep(store, join(directory, 'gone'))
  const held = await takeLock(lock, 'shared', 'no')
  t.same(await removeGoneProjects(store), [])
  t.ok(existsSync(project))
  await held?.release()
  t.same(await removeGoneProjects(store), [project])
})

t.test('what does not say whose it is belongs to nobody', async t => {
  const store = new Store(t.testdir({projects: {none: {arm64: {}}, broken: {'tree.json': '{"tree":'}, other: {'tree.json': '{}'}}}))
  t.same((await removeGoneProjects(store)).map(path => path.slice(store.projects.length + 1)).sort(), ['broken', 'none', 'other'])
  t.same(readdirSync(store.projects), [])
})

t.test('where nothing was ever built nothing is removed', async t => {
  t.same(await removeGoneProjects(new Store(join(t.testdir({}), 'none'))), [])
})
