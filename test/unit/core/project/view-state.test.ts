import t from 'tap'
import type {TreeEntry} from '../../../../lib/core/compare/tree-entry.js'
import {newViewState, parseViewState, reconcile, remember, type Stamp} from '../../../../lib/core/project/view-state.js'

const entry = (path: string, type = 'f'): [string, TreeEntry] => [
  path,
  {path, type, mode: '644', size: 1, owner: '0:0', target: '', stamp: '1 1'},
]

const layer = (entries: [string, TreeEntry][], opaque: string[] = []) => ({entries: new Map(entries), opaque: new Set(opaque)})

const BEGAN = 1000

/** The user's tree: by path, a stamp and when the file was changed. */
const tree = (files: Record<string, [stamp: string, changed: number]>) => (path: string) => {
  const [stamp, changed] = files[path] ?? [null, 0]
  return {stamp, changed}
}

/** What is remembered of a layer over a tree, and what of that no longer holds over another. */
const remembered = (upper: ReturnType<typeof layer>, files: Parameters<typeof tree>[0]) => remember(upper, BEGAN, tree(files))
const reconciled = (seen: Record<string, Stamp>, files: Parameters<typeof tree>[0], removed: string[] = []) =>
  reconcile(seen, tree(files), path => removed.includes(path))

const NOTHING = {conflicts: [], remove: []}

t.test('what builds made and the user has nothing of is kept', async t => {
  const seen = remembered(layer([entry('', 'd'), entry('src', 'd'), entry('src/main.o')]), {})
  t.same(seen, {'src/main.o': null})
  t.same(reconciled(seen, {}), NOTHING)
})

t.test('what a build changed is kept as long as the user does not change it', async t => {
  const seen = remembered(layer([entry('configure')]), {configure: ['a', BEGAN - 1]})
  t.same(reconciled(seen, {configure: ['a', BEGAN - 1]}), NOTHING)
})

t.test('what the user changed since counts, and is told', async t => {
  const seen = remembered(layer([entry('configure')]), {configure: ['a', BEGAN - 1]})
  t.same(reconciled(seen, {configure: ['b', 1]}), {conflicts: ['configure'], remove: ['configure']})
})

t.test('so does what the user changed while the build that changed it ran', async t => {
  const seen = remembered(layer([entry('configure')]), {configure: ['b', BEGAN]})
  t.same(reconciled(seen, {configure: ['b', BEGAN]}).conflicts, ['configure'])
})

t.test("a file that the user makes where a build had made one is the user's", async t => {
  const seen = remembered(layer([entry('config.h')]), {})
  t.same(reconciled(seen, {'config.h': ['a', 1]}).remove, ['config.h'])
})

t.test('a file that the user has removed is no longer there for the build either', async t => {
  t.same(reconciled({'a.c': 'a'}, {}), {conflicts: ['a.c'], remove: ['a.c']})
})

t.test('one that both have removed is forgotten without a word', async t => {
  t.same(reconciled({'a.c': 'a'}, {}, ['a.c']), {conflicts: [], remove: ['a.c']})
})

t.test("a directory that a build made anew hides all of the user's, and goes with all that is in it", async t => {
  const upper = layer([entry('doc', 'd'), entry('doc/html', 'd'), entry('doc/html/a'), entry('doc/b')], ['doc/html'])
  const seen = remembered(upper, {'doc/html': ['x', 1]})
  t.same(seen, {'doc/html': 'x', 'doc/b': null})
  t.same(reconciled(seen, {'doc/html': ['y', 1]}), {conflicts: ['doc/html'], remove: ['doc/html']})
})

t.test('what is no state, or one of another version, is none', async t => {
  for (const text of ['', '{', 'null', '{"format": 99}']) t.equal(parseViewState(text), undefined, text)
  const state = newViewState('idle', {a: null})
  t.same(parseViewState(JSON.stringify(state)), state)
})
