import {execFileSync} from 'node:child_process'
import {closeSync, openSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {copyBytes, copyFiles, makeDirectory, makeDirectoryAtOnce, writeFileAtOnce, writeFileSafely} from '../../../lib/host/files.js'
import {refusal} from '../refusal.js'

t.test('a file is copied as far as it reaches, whatever is said of its size', async t => {
  const from = join(t.testdir({from: 'abc'}), 'from')
  const [fd, to] = [openSync(from, 'r'), openSync(`${from}.copy`, 'w+')]
  const seen: string[] = []
  await copyBytes({fd, size: 2}, to, new AbortController().signal, part => void seen.push(part.toString()))
  await copyBytes({fd, size: 7}, to, new AbortController().signal, part => void seen.push(part.toString()))
  t.same(seen, ['ab', 'abc'])
  for (const open of [fd, to]) closeSync(open)
})

t.test('an interruption ends the copying of a file that is larger than any disk', async t => {
  const from = join(t.testdir({}), 'from')
  writeFileSync(from, '')
  truncateSync(from, 2 ** 43)
  const [fd, to] = [openSync(from, 'r'), openSync('/dev/null', 'w')]
  const reason = new Error('interrupted')
  const end = new AbortController()
  setTimeout(() => end.abort(reason), 20)
  await t.rejects(copyBytes({fd, size: 2 ** 43}, to, end.signal), reason)
  for (const open of [fd, to]) closeSync(open)
})

t.test('of a directory its files are copied, and neither a FIFO nor a link', async t => {
  const directory = t.testdir({from: {kept: {file: 'a'}, link: t.fixture('symlink', '/')}})
  execFileSync('mkfifo', [join(directory, 'from/fifo')])
  await copyFiles(join(directory, 'from'), join(directory, 'to'))
  t.same(readdirSync(join(directory, 'to'), {recursive: true}).sort(), ['kept', 'kept/file'])
})

t.test('a directory is made with its parents, and is there if it was', async t => {
  const directory = join(t.testdir({}), 'some/where')
  await makeDirectory(directory)
  await Promise.all([makeDirectory(join(directory, 'a/b')), makeDirectory(join(directory, 'a/b')), makeDirectory(directory)])
  t.same(readdirSync(directory, {recursive: true}).sort(), ['a', 'a/b'])
})

t.test('where no directory can be made, that is said, and nobody waits for one', async t => {
  await t.rejects(makeDirectory('/proc/none/here'), refusal('read-only', {message: /\/proc\/none\/here cannot be written/}))
  const file = join(t.testdir({file: ''}), 'file')
  await t.rejects(
    makeDirectory(join(file, 'below')),
    refusal('bad-directory', {message: /file\/below: a part of this path is not a directory/}),
  )
  await t.rejects(makeDirectory(file), refusal('bad-directory', {message: /file: a part of this path is not a directory/}))
})

t.test('a directory that only the user may enter has such parents', async t => {
  const directory = join(t.testdir({}), 'a/b')
  makeDirectoryAtOnce(directory, 0o700)
  for (const path of [directory, join(directory, '..')]) t.equal(statSync(path).mode & 0o777, 0o700)
})

const WRITERS = {
  'one that may wait': writeFileSafely,
  'one that must not': async (path: string, content: string | Buffer) => writeFileAtOnce(path, content),
}
for (const [who, write] of Object.entries(WRITERS)) {
  t.test(`${who} puts a whole file in the place of another, whoever reads that one still`, async t => {
    const path = join(t.testdir({file: 'old'}), 'file')
    const reader = openSync(path, 'r')
    await write(path, Buffer.from('new content'))
    t.equal(readFileSync(reader, 'utf8'), 'old')
    t.equal(readFileSync(path, 'utf8'), 'new content')
    t.equal(statSync(path).mode & 0o777, 0o644)
    t.same(readdirSync(join(path, '..')), ['file'])
    closeSync(reader)
  })

  t.test(`${who} writes through no link, and leaves nothing where it fails`, async t => {
    const directory = t.testdir({kept: 'kept', directory: {}})
    symlinkSync('kept', join(directory, 'link'))
    await write(join(directory, 'link'), 'new')
    t.equal(readFileSync(join(directory, 'kept'), 'utf8'), 'kept')
    t.equal(readFileSync(join(directory, 'link'), 'utf8'), 'new')
    await t.rejects(write(join(directory, 'directory'), 'new'), {code: 'EISDIR'})
    await t.rejects(write('/proc/none', 'new'), {name: /Error/})
    t.same(readdirSync(directory), ['directory', 'kept', 'link'])
  })
}

t.test('what is written at once may be for the user alone, from its beginning', async t => {
  const path = join(t.testdir({}), 'file')
  writeFileAtOnce(path, 'secret', 0o600)
  t.equal(statSync(path).mode & 0o777, 0o600)
})
