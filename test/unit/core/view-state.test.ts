import t from 'tap'
import type {TreeEntry} from '../../../lib/core/tree-entry.js'
import {newViewState, parseViewState, reconcile, type Stamp} from '../../../lib/core/view-state.js'

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

const state = (seen: Record<string, Stamp>) => newViewState(BEGAN, seen)

t.test('what builds made and the user has nothing of is kept', async t => {
  const found = reconcile(state({}), layer([entry('', 'd'), entry('src', 'd'), entry('src/main.o')]), tree({}))
  t.same(found, {conflicts: [], remove: [], seen: {'src/main.o': null}})
})

t.test('what a build changed is kept as long as the user does not change it', async t => {
  const first = reconcile(state({}), layer([entry('configure')]), tree({configure: ['a', BEGAN - 1]}))
  t.same(first, {conflicts: [], remove: [], seen: {configure: 'a'}})
  const second = reconcile(state(first.seen), layer([entry('configure')]), tree({configure: ['a', BEGAN - 1]}))
  t.same(second, first)
})

t.test('what the user changed since counts, and is told', async t => {
  const {conflicts, remove, seen} = reconcile(state({configure: 'a'}), layer([entry('configure')]), tree({configure: ['b', BEGAN - 1]}))
  t.same({conflicts, remove, seen}, {conflicts: ['configure'], remove: ['configure'], seen: {}})
})

t.test('so does what the user changed while the build that changed it ran', async t => {
  const {conflicts} = reconcile(state({}), layer([entry('configure')]), tree({configure: ['b', BEGAN]}))
  t.same(conflicts, ['configure'])
})

t.test("a file that the user makes where a build had made one is the user's", async t => {
  const {remove} = reconcile(state({'config.h': null}), layer([entry('config.h')]), tree({'config.h': ['a', 1]}))
  t.same(remove, ['config.h'])
})

t.test('a file that the user has removed is no longer there for the build either', async t => {
  const {conflicts, remove} = reconcile(state({'a.c': 'a'}), layer([entry('a.c')]), tree({}))
  t.same({conflicts, remove}, {conflicts: ['a.c'], remove: ['a.c']})
})

t.test('one that both have removed is forgotten without a word', async t => {
  const {conflicts, remove} = reconcile(state({'a.c': 'a'}), layer([entry('a.c', 'c')]), tree({}))
  t.same({conflicts, remove}, {conflicts: [], remove: ['a.c']})
})

t.test("a directory that a build made anew hides all of the user's, and goes with all that is in it", async t => {
  const upper = layer([entry('doc', 'd'), entry('doc/html', 'd'), entry('doc/html/a'), entry('doc/b')], ['doc/html'])
  const kept = reconcile(state({'doc/html': 'x'}), upper, tree({'doc/html': ['x', 1]}))
  t.same(kept, {conflicts: [], remove: [], seen: {'doc/html': 'x', 'doc/b': null}})
  const {conflicts, remove} = reconcile(state({'doc/html': 'x'}), upper, tree({'doc/html': ['y', 1]}))
  t.same({conflicts, remove}, {conflicts: ['doc/html'], remove: ['doc/html']})
})

t.test('a name that every object has is a path like any other', async t => {
  const {conflicts} = reconcile(state({}), layer([entry('constructor')]), tree(Object.fromEntries([['constructor', ['a', BEGAN - 1]]])))
  t.same(conflicts, [])
})

t.test('what is no state, or one of another version, is none', async t => {
  for (const text of ['', '{', 'null', '{"format": 99}']) t.equal(parseViewState(text), undefined, text)
  t.same(parseViewState(JSON.stringify(state({a: null}))), state({a: null}))
})
