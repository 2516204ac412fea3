import {execFileSync, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import type {TreeEntry} from '../../../lib/core/compare/tree-entry.js'
import {removeTree, runAsMaker} from '../../../lib/host/maker.js'
import {copyTree, hashFileIn, listTree, listUpper, pathIn, readFileIn, removePaths, takeTree} from '../../../lib/host/tree.js'
import {refusal} from '../refusal.js'

const {signal} = new AbortController()
const IS_ROOT = process.getuid?.() === 0

/** Some name that is no UTF-8, and has a line break, as the bytes are. */
const ODD = 'a\nb\xff'

/** A tree that has one of everything. */
function treeIn(directory: string): string {
  const tree = join(directory, 'tree')
  mkdirSync(join(tree, 'sub'), {recursive: true})
  writeFileSync(join(tree, 'file'), 'text')
  chmodSync(join(tree, 'file'), 0o751)
  utimesSync(join(tree, 'file'), 1, 86_400)
  symlinkSync('sub/none', join(tree, 'link'))
  writeFileSync(pathIn(tree, ODD), 'odd')
  execFileSync('mkfifo', [join(tree, 'sub/fifo')])
  return tree
}

t.test('a copy has the kinds, modes, times and links of what was copied', async t => {
  const directory = t.testdir({})
  const [tree, copy] = [treeIn(directory), join(directory, '-copy')]
  await copyTree(tree, copy, signal)
  const [file, before] = [statSync(join(copy, 'file')), statSync(join(tree, 'file'))]
  t.equal(file.mode, before.mode)
  t.equal(file.mtimeMs, 86_400_000)
  t.equal(file.uid, before.uid)
  t.equal(readlinkSync(join(copy, 'link')), 'sub/none')
  t.equal(readFileSync(pathIn(copy, ODD), 'utf8'), 'odd')
  t.ok(lstatSync(join(copy, 'sub/fifo')).isFIFO())
})

t.test('what is not there to be copied is told', async t => {
  const directory = t.testdir({})
  await t.rejects(
    copyTree(join(directory, 'none'), join(directory, 'copy'), signal),
    refusal('bad-directory', {message: /none cannot be copied: cp: cannot stat /}),
  )
})

t.test('all that is in a tree is listed, whoever owns it and whatever its name is', async t => {
  const directory = t.testdir({})
  const [tree, list] = [treeIn(directory), join(directory, 'list')]
  await runAsMaker([
    'sh',
    '-c',
    'cd "$1" && mkdir closed && echo > closed/file && chmod 600 closed/file && chown -R 7:8 closed && chmod 0 closed',
    'sh',
    tree,
  ])
  const entries = await listTree(tree, list, signal)
  t.same([...entries.keys()].sort(), ['', ODD, 'closed', 'closed/file', 'file', 'link', 'sub', 'sub/fifo'].sort())
  t.match(entries.get('file'), {type: 'f', mode: '751', size: 4, owner: '0:0'})
  t.match(entries.get('link'), {type: 'l', target: 'sub/none'})
  t.match(entries.get('sub/fifo'), {type: 'p'})
  t.match(entries.get('closed/file'), {type: 'f', mode: '600', owner: '7:8'})
  t.notOk(existsSync(list), 'the list is gone')
  const before = entries.get('file')?.stamp
  utimesSync(join(tree, 'file'), 1, 86_400)
  t.not((await listTree(tree, list, signal)).get('file')?.stamp, before, 'nobody can hide a change')
  await removeTree(tree)
})

t.test('a full disk is told as that, with what to do', async t => {
  const tree = treeIn(t.testdir({}))
  await t.rejects(listTree(tree, '/dev/full', signal), refusal('no-space', {message: /No space left on device/, hint: /TMPDIR=/}))
})

t.test('a tree that is gone is told', async t => {
  const directory = t.testdir({})
  await t.rejects(
    listTree(join(directory, 'none'), join(directory, 'list'), signal),
    refusal('session-failed', {message: /none cannot be read/}),
  )
})

/** man 2 setxattr: number 188 on x86-64. Node has no way to it. */
const SET = 'my ($path) = @ARGV; my ($name, $value) = ("user.overlay.opaque", "y"); exit(syscall(188, $path, $name, $value, 1, 0) != 0)'

t.test('of an upper layer it is told which directories hide those below', async t => {
  const directory = t.testdir({upper: {plain: {file: ''}, opaque: {}}})
  const upper = join(directory, 'upper')
  const hasAttributes = spawnSync('perl', ['-e', SET, join(upper, 'opaque')]).status === 0
  const layer = await listUpper(upper, join(directory, 'list'), signal)
  t.same([...layer.entries.keys()].sort(), ['', 'opaque', 'plain', 'plain/file'])
  t.same([...layer.opaque], hasAttributes ? ['opaque'] : [])
  t.same(readdirSync(directory), ['upper'], 'no list is left')
})

t.test('paths are removed with all below them, whatever they are named, and nothing else', async t => {
  const directory = t.testdir({})
  const tree = treeIn(directory)
  for (const name of ['-rf', '*', 'kept']) writeFileSync(join(tree, name), '')
  mkdirSync(join(tree, 'closed'))
  writeFileSync(join(tree, 'closed/file'), '')
  await removePaths(tree, ['-rf', '*', ODD, 'sub', 'none', 'link', 'closed/file'], join(directory, 'list'), signal)
  t.same(readdirSync(tree).sort(), ['closed', 'file', 'kept'])
  t.same(readdirSync(join(tree, 'closed')), [])
  t.same(readdirSync(directory), ['tree'])
  await removePaths(join(directory, 'none'), [], join(directory, 'list'), signal)
})

t.test('an interruption ends the work with its reason', async t => {
  const tree = treeIn(t.testdir({}))
  const end = new AbortController()
  const reason = new Error('interrupted')
  const waiting = copyTree(tree, join(tree, '../copy'), end.signal)
  end.abort(reason)
  await t.rejects(waiting, reason)
})

t.test('a tree that is taken can be read by the user, all of it', {skip: IS_ROOT && 'root reads everything'}, async t => {
  const directory = t.testdir({})
  const tree = treeIn(directory)
  await runAsMaker([
    'sh',
    '-c',
    'cd "$1" && mkdir closed && echo text > closed/file && chown -R 7:8 closed && chmod -R 0 closed',
    'sh',
    tree,
  ])
  await takeTree(tree, signal)
  t.equal(readFileSync(join(tree, 'closed/file'), 'utf8'), 'text\n')
  t.equal(readlinkSync(join(tree, 'link')), 'sub/none')
})

const entry = (path: string): TreeEntry => ({path, type: 'f', mode: '644', size: 0, owner: '0:0', target: '', stamp: ''})

t.test('a file of a tree is read up to a limit, and summed however large', async t => {
  const tree = treeIn(t.testdir({}))
  t.equal(readFileIn(tree, entry('file'), 4)?.toString(), 'text')
  t.equal(readFileIn(tree, entry('file'), 3), undefined)
  t.equal(readFileIn(tree, entry(ODD), 10)?.toString(), 'odd')
  t.equal(await hashFileIn(tree, entry('file')), createHash('sha256').update('text').digest('hex'))
  truncateSync(join(tree, 'file'), 0)
  t.equal(await hashFileIn(tree, entry('file')), createHash('sha256').digest('hex'))
  truncateSync(join(tree, 'file'), 3_000_000)
  t.equal(await hashFileIn(tree, entry('file')), createHash('sha256').update(Buffer.alloc(3_000_000)).digest('hex'))
})

t.test('a link or a FIFO that has come in the place of a file is told, and not followed nor waited for', async t => {
  const tree = treeIn(t.testdir({}))
  for (const path of ['link', 'sub/fifo']) {
    t.throws(() => readFileIn(tree, entry(path), 10), refusal('session-failed', {message: new RegExp(`/${path} is`)}))
    await t.rejects(hashFileIn(tree, entry(path)), refusal('session-failed'))
  }
})
