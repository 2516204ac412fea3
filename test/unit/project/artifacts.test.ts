import {execFileSync, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import type {Project} from '../../../lib/core/project/project.js'
import {Tree} from '../../../lib/host/beneath.js'
import {collectArtifacts, findArtifacts} from '../../../lib/project/artifacts.js'
import {refusal} from '../refusal.js'
import {placeOf, projectAt} from './projects.js'

const {signal} = new AbortController()

/** A tree that was built in place, of which these patterns are taken. */
function built(t: Test, tree: object, artifacts: readonly string[], more: Partial<Project> = {}) {
  const directory = t.testdir({tree, data: {}} as Parameters<Test['testdir']>[0])
  const top = join(directory, 'tree')
  const project = (patterns: readonly string[]) => projectAt(top, {artifacts: patterns, sources: 'in-place', ...more})
  const place = placeOf(join(directory, 'data'), project(artifacts))
  return {
    top,
    place,
    out: join(top, 'out/arm64'),
    collect: (patterns = artifacts) => collectArtifacts({...place, project: project(patterns)}, signal),
  }
}

const listed = (directory: string) => (readdirSync(directory, {recursive: true}) as string[]).sort()

t.test('what the patterns match is copied with its permissions and times, and listed with its sum', async t => {
  const {top, out, collect} = built(t, {src: {hello: 'program', 'hello.c': ''}, doc: {a: 'a', deep: {b: 'b'}}}, ['src/hello', 'doc/**'])
  chmodSync(join(top, 'src/hello'), 0o751)
  utimesSync(join(top, 'src/hello'), 1, 86_400)
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  t.same(await collect(), [
    {path: 'doc/a', size: 1, sha256: sha256('a')},
    {path: 'doc/deep/b', size: 1, sha256: sha256('b')},
    {path: 'src/hello', size: 7, sha256: sha256('program')},
  ])
  t.same(listed(out), ['doc', 'doc/a', 'doc/deep', 'doc/deep/b', 'manifest.json', 'src', 'src/hello'])
  t.match(statSync(join(out, 'src/hello')), {mode: 0o100751, mtimeMs: 86_400_000})
  const {artifacts} = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
  t.same(
    artifacts.map(({path}: {path: string}) => path),
    ['doc/a', 'doc/deep/b', 'src/hello'],
  )
})

t.test('without patterns nothing is written', async t => {
  const {top, collect} = built(t, {a: ''}, [])
  t.same(await collect(), [])
  t.notOk(existsSync(join(top, 'out')))
})

t.test('what an earlier build put there and this one does not is removed, and nothing that it did not put there', async t => {
  const {out, collect} = built(t, {a: '', sub: {b: ''}, c: ''}, ['a', 'sub/b'])
  await collect()
  writeFileSync(join(out, 'note'), "the user's")
  await collect(['c'])
  t.same(listed(out), ['c', 'manifest.json', 'note'])
})

t.test('a manifest that somebody has written names nothing outside', async t => {
  const {top, out, collect} = built(t, {a: '', kept: 'kept'}, ['a'])
  mkdirSync(out, {recursive: true})
  const artifacts = ['../../kept', join(top, 'kept'), 'x/../../../kept'].map(path => ({path}))
  writeFileSync(join(out, 'manifest.json'), JSON.stringify({artifacts}))
  await collect()
  t.equal(readFileSync(join(top, 'kept'), 'utf8'), 'kept')
})

t.test('a link within the tree stays one, and one that leads out is refused', async t => {
  const {top, out, collect} = built(t, {lib: {'a.so.1': ''}}, ['lib/*'])
  symlinkSync('a.so.1', join(top, 'lib/a.so'))
  t.match(await collect(), [{path: 'lib/a.so', link: 'a.so.1'}, {path: 'lib/a.so.1'}])
  t.equal(readlinkSync(join(out, 'lib/a.so')), 'a.so.1')
  for (const text of ['/etc/passwd', '../../x', 'x/../../../y']) {
    rmSync(join(top, 'lib/a.so'))
    symlinkSync(text, join(top, 'lib/a.so'))
    await t.rejects(collect(), refusal('bad-artifact', {message: `lib/a.so leads out of the tree, to ${text}`}), text)
  }
})

t.test('a program for another machine is refused: it is not what was built', async t => {
  const {top, out, collect} = built(t, {}, ['program'])
  writeFileSync(join(top, 'program'), readFileSync(process.execPath).subarray(0, 100))
  await t.rejects(
    collect(),
    refusal('bad-artifact', {message: 'program is a program for another machine than arm64', hint: /build --clean/}),
  )
  t.notOk(existsSync(join(out, 'program')))
  const ours = Buffer.alloc(100)
  Buffer.from('7f454c460201010000000000000000000200b700', 'hex').copy(ours)
  writeFileSync(join(top, 'program'), ours)
  t.match(await collect(), [{path: 'program', size: 100}])
})

t.test('what is neither a file nor a link is told, and not waited for', async t => {
  const {top, collect} = built(t, {}, ['fifo'])
  execFileSync('mkfifo', [join(top, 'fifo')])
  await t.rejects(collect(), refusal('bad-artifact', {message: 'fifo is neither a file nor a link'}))
})

t.test('where a link stands in the way of the output, nothing is written through it', async t => {
  const {top, collect} = built(t, {a: '', elsewhere: {}}, ['a'])
  symlinkSync('elsewhere', join(top, 'out'))
  await t.rejects(collect(), refusal('bad-output', {message: /the artifacts cannot be copied to .*out\/arm64 \(ENOTDIR\)/}))
  t.same(readdirSync(join(top, 'elsewhere')), [])
  rmSync(join(top, 'out'))
  mkdirSync(join(top, 'out/arm64'), {recursive: true})
  mkdirSync(join(top, 'out/arm64/a'))
  writeFileSync(join(top, 'out/arm64/a/own'), '')
  await t.rejects(collect(), refusal('bad-output', {message: /EISDIR|ENOTEMPTY/}))
})

t.test('an interruption ends it', async t => {
  const {place} = built(t, {a: ''}, ['a'])
  const reason = new Error('interrupted')
  await t.rejects(collectArtifacts(place, AbortSignal.abort(reason)), reason)
})

t.test('of a tree that is built in a view, what the build made and changed counts, and what it removed is not there', async t => {
  const {top, place, out} = built(t, {own: 'own', changed: 'before', gone: 'before', d: {below: ''}}, ['own', 'changed', 'made/*'], {
    sources: 'view',
  })
  const {upper} = place.paths.view
  mkdirSync(join(upper, 'made'), {recursive: true})
  writeFileSync(join(upper, 'made/a'), 'a')
  writeFileSync(join(upper, 'changed'), 'after')
  t.same(
    (await collectArtifacts(place, signal)).map(({path}) => path),
    ['changed', 'made/a', 'own'],
  )
  t.equal(readFileSync(join(out, 'changed'), 'utf8'), 'after')
  t.equal(readFileSync(join(top, 'changed'), 'utf8'), 'before')
  if (spawnSync('mknod', [join(upper, 'gone'), 'c', '0', '0']).status !== 0) return
  await t.rejects(
    collectArtifacts({...place, project: {...place.project, artifacts: ['gone']}}, signal),
    refusal('bad-artifact', {message: 'nothing that was built matches "gone"'}),
  )
})

const find = (t: Test, tree: object, patterns: readonly string[]) =>
  findArtifacts(new Tree([t.testdir(tree as Parameters<Test['testdir']>[0])], 'refused'), patterns)

t.test('patterns with ! take out what others match; names that begin with a dot count; directories alone do not', async t => {
  const tree = {lib: {'a.so': '', 'a.la': '', '.hidden': '', deep: {'b.la': ''}}}
  t.same(await find(t, tree, ['lib/**', '!**/*.la']), ['lib/.hidden', 'lib/a.so'])
})

t.test('neither what was copied before nor kept environments are artifacts', async t => {
  const tree = {a: '', out: {arm64: {a: ''}}, '.xbuild-env-cache': {a: ''}, sub: {out: {a: ''}}}
  t.same(await find(t, tree, ['**/a']), ['a', 'sub/out/a'])
})

t.test('all patterns that match nothing are told at once, and a directory is none', async t => {
  await t.rejects(
    find(t, {a: '', d: {}}, ['a', 'none', 'd', '*.x']),
    refusal('bad-artifact', {message: 'nothing that was built matches "none", "d", "*.x"', hint: /"NAME\/\*\*"/}),
  )
})

t.test('a link to a directory is a link, and what lies behind it is not taken', async t => {
  const directory = t.testdir({d: {a: ''}, link: t.fixture('symlink', 'd')})
  t.same(await findArtifacts(new Tree([directory], 'refused'), ['**']), ['d/a', 'link'])
})
