import {mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t, {type Test} from 'tap'
import {watchTree} from '../../../lib/project/watch.js'
import {projectAt} from './projects.js'

/** More than a moment in which nothing changes ends a row of changes. */
const LONG_MS = 500

async function watched(t: Test, tree: object, ignore: readonly string[] = []) {
  const directory = t.testdir(tree as Parameters<Test['testdir']>[0])
  const watcher = await watchTree(projectAt(directory, {watch: {ignore}}))
  t.teardown(() => watcher.close())
  const at = (path: string) => join(directory, path)
  return {at, write: (path: string, text = '') => writeFileSync(at(path), text), next: async () => [...(await watcher.changes())].sort()}
}

t.test('what is changed, made and removed is told by its path in the tree, all of a row at once', async t => {
  const {at, write, next} = await watched(t, {changed: 'a', removed: '', sub: {}})
  const told = next()
  write('changed', 'b')
  rmSync(at('removed'))
  write('sub/made')
  t.same(await told, ['changed', 'removed', 'sub/made'])
})

t.test("what changes while nobody asks is told next, and an editor's way of saving is one change", async t => {
  const {at, write, next} = await watched(t, {file: 'a'})
  write('file~', 'b')
  renameSync(at('file~'), at('file'))
  await pause(LONG_MS)
  t.ok((await next()).includes('file'))
  write('later')
  t.same(await next(), ['later'])
})

t.test('what is ignored changes nothing: by .gitignore, by the project, and what builds themselves write', async t => {
  const {at, write, next} = await watched(t, {'.gitignore': '*.o\n', out: {}, '.git': {}, file: ''}, ['*.swp'])
  mkdirSync(at('out/arm64'))
  for (const path of ['a.o', 'a.swp', 'out/arm64/a', '.git/index']) write(path)
  await pause(LONG_MS)
  write('file', 'b')
  t.same(await next(), ['file'])
})

t.test('a .gitignore counts as it is now', async t => {
  const {write, next} = await watched(t, {'.gitignore': '', file: ''})
  write('.gitignore', '*.o\n')
  t.same(await next(), ['.gitignore'])
  write('a.o')
  await pause(LONG_MS)
  write('file', 'b')
  t.same(await next(), ['file'])
})

t.test('a link is a file of the tree, and what it leads to is not', async t => {
  const {at, write, next} = await watched(t, {elsewhere: {}, tree: {}})
  const watcher = await watchTree(projectAt(at('tree')))
  symlinkSync('../elsewhere', at('tree/link'))
  t.same([...(await watcher.changes())], ['link'])
  write('elsewhere/file')
  await pause(LONG_MS)
  write('tree/own')
  t.same([...(await watcher.changes())], ['own'])
  await watcher.close()
  t.ok((await next()).includes('elsewhere/file'))
})

t.test('a tree that is removed is a change, and no fault', async t => {
  const directory = join(t.testdir({tree: {file: ''}}), 'tree')
  const watcher = await watchTree(projectAt(directory))
  const told = watcher.changes()
  rmSync(directory, {recursive: true})
  t.ok((await told).has('file'))
  await pause(LONG_MS)
  await watcher.close()
})
