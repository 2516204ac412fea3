import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {SAME_MODE} from '../../../../lib/core/compare/difference.js'
import {changedPaths, compareEntries, FIND_FORMAT, parseTree, type TreeEntry} from '../../../../lib/core/compare/tree-entry.js'

const list = (tree: string) => parseTree(execFileSync('find', [tree, '-printf', FIND_FORMAT]).toString('latin1'))

t.test('a tree is listed, whatever its names are, and what a build changes in it is found', async t => {
  const tree = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => rmSync(tree, {recursive: true}))
  const odd = 'two\nlines \\ "ü"'
  writeFileSync(join(tree, odd), 'odd', {mode: 0o640})
  mkdirSync(join(tree, 'd'))
  symlinkSync('nowhere', join(tree, 'd/link'))
  writeFileSync(join(tree, 'kept'), 'one')
  writeFileSync(join(tree, 'gone'), '')
  const before = list(tree)
  t.same([...before.keys()].sort(), ['', 'd', 'd/link', 'gone', 'kept', Buffer.from(odd).toString('latin1')].sort())
  t.match(before.get(Buffer.from(odd).toString('latin1')), {type: 'f', mode: '640', size: 3, target: ''})
  t.match(before.get('d/link'), {type: 'l', target: 'nowhere'})
  t.same(changedPaths(before, list(tree)), new Set())

  await new Promise(resolve => setTimeout(resolve, 20)) // the kernel's clock of file times ticks every few ms
  rmSync(join(tree, 'gone'))
  writeFileSync(join(tree, 'd/new'), '')
  writeFileSync(join(tree, 'kept'), 'two')
  utimesSync(join(tree, 'kept'), 7, 7)
  t.same([...changedPaths(before, list(tree))].sort(), ['d/new', 'gone', 'kept'], 'a new time does not hide it')
  chmodSync(join(tree, 'd'), 0o700)
  t.ok(changedPaths(before, list(tree)).has('d'))
})

const entry = (more: Partial<TreeEntry> = {}): TreeEntry => ({
  path: 'f',
  type: 'f',
  mode: '644',
  size: 1,
  owner: '0:0',
  target: '',
  stamp: '1 2',
  ...more,
})
const places = (one: TreeEntry | undefined, other: TreeEntry | undefined) => compareEntries(one, other, SAME_MODE).map(({place}) => place)

t.test('type, mode, owner and target count, times do not', async t => {
  t.same(places(entry(), entry({stamp: '3 4'})), [])
  t.same(places(entry(), undefined), ['presence'])
  t.same(places(undefined, entry()), ['presence'])
  t.same(places(entry(), entry({type: 'd', mode: '755'})), ['type'])
  t.same(places(entry(), entry({mode: '755', owner: '0:5'})), ['mode', 'owner'])
  t.same(places(entry({type: 'l', target: 'a'}), entry({type: 'l', target: 'b'})), ['target'])
})
