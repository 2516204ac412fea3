import {join} from 'node:path'
import t from 'tap'
import type {Project} from '../../../lib/core/project/project.js'
import {Store} from '../../../lib/environment/store.js'
import {buildPaths, logFile, nativeDirectory, treeFile} from '../../../lib/project/paths.js'
import {projectAt} from './projects.js'

const store = new Store('/home/ada/data')
const of = (directory: string): Project => projectAt(directory)

t.test('trees of one name are told apart by where they lie', async t => {
  t.not(buildPaths(store, of('/a/hello'), 'arm64').directory, buildPaths(store, of('/b/hello'), 'arm64').directory)
  t.equal(buildPaths(store, of('/a/hello'), 'arm64').directory, buildPaths(store, of('/a/hello'), 'arm64').directory)
})

t.test('what is kept of one target is beside that of another, and of the host, and all belong to one project', async t => {
  const [arm64, mips] = [buildPaths(store, of('/p'), 'arm64'), buildPaths(store, of('/p'), 'mips64el')]
  t.not(arm64.directory, mips.directory)
  t.equal(arm64.tree, mips.tree)
  t.equal(arm64.tree, treeFile(join(arm64.directory, '..')))
  t.equal(join(nativeDirectory(store, of('/p')), '..'), join(arm64.directory, '..'))
  t.not(nativeDirectory(store, of('/p')), buildPaths(store, of('/p'), 'native').directory, 'a target may be named so')
})

t.test('a target that is removed with all that is kept of it loses neither its lock nor the way to the tree', async t => {
  const {directory, lock, tree} = buildPaths(store, of('/p'), 'arm64')
  for (const path of [lock, tree]) t.notOk(path.startsWith(`${directory}/`), path)
})

t.test('what the kernel merges with the tree lies on one file system with where it works, and holds no file of ours', async t => {
  const {directory, view, changes, state, list, log} = buildPaths(store, of('/p'), 'arm64')
  t.equal(view.directory, '/p')
  for (const [upper, work] of [
    [view.upper, view.work],
    [changes.upper, changes.work],
  ] as const) {
    t.equal(join(upper, '..'), join(work, '..'))
    for (const path of [state, list, log('step')]) t.notOk(path.startsWith(`${upper}/`) || path.startsWith(`${work}/`), path)
  }
  for (const path of [changes.upper, changes.work]) t.equal(join(path, '..'), changes.directory)
  for (const path of [view.upper, changes.directory, state, list, log('step')]) t.ok(path.startsWith(`${directory}/`), path)
})

t.test('each run of a step has a log of its own', async t => {
  const {log} = buildPaths(store, of('/p'), 'arm64')
  t.equal(log('check'), log('check', 0))
  const all = [log('check'), log('check', 1), log('check', 2), log('check1'), log('build')]
  t.equal(new Set(all).size, all.length)
  t.equal(logFile('/logs', 'check', 2), '/logs/check+2.log')
})
