import {spawnSync} from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t, {type Test} from 'tap'
import {Store} from '../../../lib/environment/store.js'
import {removeTree} from '../../../lib/host/maker.js'
import {type BuildPaths, buildPaths} from '../../../lib/project/paths.js'
import {beginView, endView, forgetChanges, type OpenView} from '../../../lib/project/view.js'
import {projectAt} from './projects.js'

const {signal} = new AbortController()

/** A tree, and what is kept of its builds; `build` writes files as a build does, into the view's upper layer. */
function project(t: Test, tree: object) {
  const directory = t.testdir({tree, data: {}} as Parameters<Test['testdir']>[0])
  const paths = buildPaths(new Store(join(directory, 'data')), projectAt(join(directory, 'tree')), 'arm64')
  const user = (path: string, text: string) => writeFileSync(join(directory, 'tree', path), text)
  const build = (path: string, text: string) => {
    mkdirSync(join(paths.view.upper, path, '..'), {recursive: true})
    writeFileSync(join(paths.view.upper, path), text)
  }
  const begin = async (clean = false) => {
    await pause(50) // the clock that files are stamped with goes in steps: what was there before is older, as it mostly is
    return beginView(paths, clean, signal)
  }
  return {paths, user, build, begin, tree: join(directory, 'tree'), end: (view: OpenView) => endView(paths, view)}
}

const madeBy = ({view}: BuildPaths) => (readdirSync(view.upper, {recursive: true}) as string[]).sort()

/** As overlayfs marks what a build has removed, where this user may make such a node. */
const whiteout = (path: string) => spawnSync('mknod', [path, 'c', '0', '0']).status === 0

t.test('the first build has a view of its own, with nothing in it', async t => {
  const {paths, begin} = project(t, {'a.c': ''})
  t.match(await begin(), {news: {kind: 'new', because: 'first'}})
  t.same(madeBy(paths), [])
  t.same(JSON.parse(readFileSync(paths.tree, 'utf8')), {tree: paths.view.directory})
  for (const path of [paths.view.work, paths.changes.upper, paths.changes.work, join(paths.log('x'), '..')])
    t.ok(statSync(path).isDirectory())
})

t.test('the next build finds what the last one made', async t => {
  const {paths, build, begin, end} = project(t, {'a.c': ''})
  const first = await begin()
  build('sub/a.o', 'object')
  await end(first)
  t.same((await begin()).news, {kind: 'kept', conflicts: []})
  t.same(madeBy(paths), ['sub', 'sub/a.o'])
})

t.test('what steps changed outside of the tree lasts for one build', async t => {
  const {paths, begin, end} = project(t, {})
  const first = await begin()
  writeFileSync(join(paths.changes.upper, 'file'), '')
  await end(first)
  await begin()
  t.same(readdirSync(paths.changes.upper), [])
  await forgetChanges(paths)
  t.notOk(existsSync(paths.changes.directory))
  await forgetChanges(paths)
})

t.test('a view is made anew where that is asked for, and where the last build was killed', async t => {
  const {paths, build, begin, end} = project(t, {})
  const first = await begin()
  build('a.o', 'half')
  t.same((await begin()).news, {kind: 'new', because: 'killed'}, 'nobody has told its end')
  t.same(madeBy(paths), [])
  build('a.o', 'whole')
  await end(first)
  t.same((await begin(true)).news, {kind: 'new', because: 'asked'})
  t.same(madeBy(paths), [])
})

t.test('a state that cannot be read, or a view that is gone, begins anew', async t => {
  const {paths, build, begin, end} = project(t, {})
  await end(await begin())
  await removeTree(paths.view.upper)
  t.match(await begin(), {news: {kind: 'new'}})
  build('a.o', 'of before')
  writeFileSync(paths.state, '{"format":')
  t.match(await begin(), {news: {kind: 'new'}})
  t.same(madeBy(paths), [])
})

t.test("a file that a build has changed, and the user since, is the user's, and that is told", async t => {
  const {paths, user, build, begin, end} = project(t, {'config.h': 'a', kept: 'a'})
  const first = await begin()
  build('config.h', 'of the build')
  build('kept', 'of the build')
  await end(first)
  user('config.h', "the user's")
  t.same((await begin()).news, {kind: 'kept', conflicts: ['config.h']})
  t.same(madeBy(paths), ['kept'])
})

t.test('a change that leaves size and time as they were is one, where another file has come in its place', async t => {
  const {user, build, begin, end, tree} = project(t, {'config.h': 'a'})
  utimesSync(join(tree, 'config.h'), 1, 1)
  const first = await begin()
  build('config.h', 'of the build')
  await end(first)
  user('other', 'b')
  utimesSync(join(tree, 'other'), 1, 1)
  renameSync(join(tree, 'other'), join(tree, 'config.h'))
  t.same((await begin()).news, {kind: 'kept', conflicts: ['config.h']})
})

t.test('a file of the user that is changed while the build runs counts when the build has ended', async t => {
  const {paths, user, build, begin, end} = project(t, {'config.h': 'a'})
  const first = await begin()
  build('config.h', 'of the build')
  user('config.h', 'meanwhile')
  await end(first)
  t.same((await begin()).news, {kind: 'kept', conflicts: ['config.h']})
  t.same(madeBy(paths), [])
})

t.test('what builds made and the user has made since is told too', async t => {
  const {user, build, begin, end} = project(t, {})
  const first = await begin()
  build('configure', 'generated')
  await end(first)
  user('configure', 'own')
  t.same((await begin()).news, {kind: 'kept', conflicts: ['configure']})
})

t.test('what a build removed and the user has removed since is no conflict; what the user has changed since is back', async t => {
  const {paths, user, begin, end, tree} = project(t, {gone: 'a', changed: 'a'})
  const first = await begin()
  if (!whiteout(join(paths.view.upper, 'gone')) || !whiteout(join(paths.view.upper, 'changed'))) {
    t.pass('whiteouts', {skip: 'this user can make none'})
    return
  }
  await end(first)
  rmSync(join(tree, 'gone'))
  user('changed', 'b')
  t.same((await begin()).news, {kind: 'kept', conflicts: ['changed']})
  t.same(madeBy(paths), [])
})

t.test('a directory that a build has put a file in the place of counts with all that is in it', async t => {
  const {paths, user, build, begin, end} = project(t, {d: {deep: {file: 'a'}}, e: {deep: {file: 'a'}}})
  const first = await begin()
  build('d', 'a file')
  build('e', 'a file')
  await end(first)
  user('d/deep/file', 'b')
  t.same((await begin()).news, {kind: 'kept', conflicts: ['d']})
  t.same(madeBy(paths), ['e'])
})

t.test("a name that is no UTF-8 is the user's like any other", async t => {
  const {paths, begin, end, tree} = project(t, {})
  const odd = (directory: string) => Buffer.concat([Buffer.from(`${directory}/`), Buffer.from('b\xff', 'latin1')])
  writeFileSync(odd(tree), 'a')
  const first = await begin()
  writeFileSync(odd(paths.view.upper), 'of the build')
  await end(first)
  writeFileSync(odd(tree), 'changed')
  t.same((await begin()).news, {kind: 'kept', conflicts: ['b\ufffd']})
  t.same(madeBy(paths), [])
})

t.test('a link in the tree is looked at as itself', async t => {
  const {user, build, begin, end, tree} = project(t, {target: 'a'})
  symlinkSync('target', join(tree, 'link'))
  const first = await begin()
  build('link', 'of the build')
  await end(first)
  user('target', 'changed')
  t.same((await begin()).news, {kind: 'kept', conflicts: []})
})
