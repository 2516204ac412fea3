import {execFileSync} from 'node:child_process'
import {chmodSync, closeSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {Tree} from '../../../lib/host/beneath.js'

const LIMIT = 1000

function tree(t: Pick<Test, 'testdir'>): string {
  return t.testdir({
    etc: {passwd: 'the passwd\n', sub: {deep: 'deep\n'}},
    run: {x: 'the run file\n'},
  })
}

const text = (found: ReturnType<Tree['read']>) =>
  found.kind === 'found' ? found.value.toString() : `${found.kind}: ${found.at} ${found.why}`

t.test('a file is read, and the links to it are followed as in a root of its own', t => {
  const top = tree(t)
  symlinkSync('../run/x', join(top, 'etc/relative'))
  symlinkSync('/run/x', join(top, 'etc/absolute'))
  symlinkSync('../../../../../run/x', join(top, 'etc/above'))
  symlinkSync('/etc/sub/', join(top, 'directory'))
  symlinkSync('/etc/passwd', join(top, 'run/passwd'))
  const within = new Tree([top], 'within')
  t.equal(text(within.read('etc/passwd', LIMIT)), 'the passwd\n')
  t.equal(text(within.read('/etc/passwd', LIMIT)), 'the passwd\n')
  t.equal(text(within.read('../../etc/./passwd', LIMIT)), 'the passwd\n')
  for (const name of ['relative', 'absolute', 'above']) t.equal(text(within.read(`etc/${name}`, LIMIT)), 'the run file\n')
  t.equal(text(within.read('directory/deep', LIMIT)), 'deep\n')
  t.equal(text(within.read('run/passwd', LIMIT)), 'the passwd\n')
  const refused = new Tree([top], 'refused')
  t.equal(text(refused.read('etc/passwd', LIMIT)), 'the passwd\n')
  t.equal(text(refused.read('etc/relative', LIMIT)), 'link: etc/relative is a symbolic link')
  t.equal(text(refused.read('directory/deep', LIMIT)), 'link: directory is a symbolic link')
  t.same(refused.link('etc/above'), {kind: 'found', value: '../../../../../run/x'})
  t.end()
})

t.test('what is not a regular file that can be read is told, and not waited for', t => {
  const top = tree(t)
  execFileSync('mkfifo', [join(top, 'fifo')])
  symlinkSync('/dev/zero', join(top, 'zero'))
  symlinkSync('loop', join(top, 'loop'))
  symlinkSync('none', join(top, 'dangling'))
  writeFileSync(join(top, 'large'), '')
  truncateSync(join(top, 'large'), 2 ** 40)
  writeFileSync(join(top, 'closed'), 'secret')
  chmodSync(join(top, 'closed'), 0)
  const within = new Tree([top], 'within')
  t.match(within.read('fifo', LIMIT), {kind: 'other-kind', at: 'fifo'})
  t.match(within.read('etc', LIMIT), {kind: 'other-kind', why: 'is a directory'})
  t.match(within.read('zero', LIMIT), {kind: 'missing'}, 'the root has no /dev')
  t.match(within.read('loop', LIMIT), {kind: 'link', why: 'is a loop of symbolic links'})
  t.match(within.read('dangling', LIMIT), {kind: 'missing'})
  t.match(within.read('none', LIMIT), {kind: 'missing'})
  t.match(within.read('etc/passwd/x', LIMIT), {kind: 'missing'})
  t.match(within.read('large', LIMIT), {kind: 'too-large', why: 'is larger than 1000 bytes'})
  t.match(within.read('etc/passwd', 3), {kind: 'too-large'})
  if (process.getuid?.() !== 0) t.match(within.read('closed', LIMIT), {kind: 'unreadable', why: 'cannot be read (EACCES)'})
  t.match(new Tree(['/dev'], 'within').read('zero', LIMIT), {kind: 'other-kind'})
  t.match(new Tree(['/proc/self'], 'refused').read('exe', LIMIT), {kind: 'link'}, "nor a link of the kernel's")
  t.match(new Tree([join(top, 'none')], 'within').read('x', LIMIT), {kind: 'missing'})
  t.end()
})

t.test('a socket is told too', async t => {
  const top = tree(t)
  const server = createServer().listen(join(top, 's'))
  await new Promise(resolve => server.once('listening', resolve))
  t.match(new Tree([top], 'within').read('s', LIMIT), {kind: 'other-kind'})
  server.close()
})

t.test('a file of /proc that says it is empty is read as far as the limit', t => {
  t.match(new Tree(['/proc/self'], 'within').read('status', 10), {kind: 'too-large'})
  t.match(text(new Tree(['/proc/self'], 'within').read('status', 100_000)), /^Name:/)
  t.end()
})

t.test('layers are seen as overlayfs shows them', t => {
  const top = t.testdir({
    upper: {etc: {passwd: 'upper\n', own: 'own\n'}, file: 'hides a directory\n', now: {a: ''}},
    lower: {etc: {passwd: 'lower\n', group: 'lower group\n'}, file: {x: 'hidden\n'}, now: 'was a file', run: {x: 'below\n'}},
  })
  symlinkSync('/run/x', join(top, 'upper/etc/link'))
  const layers = new Tree([join(top, 'upper'), join(top, 'lower')], 'within')
  t.equal(text(layers.read('etc/passwd', LIMIT)), 'upper\n')
  t.equal(text(layers.read('etc/group', LIMIT)), 'lower group\n')
  t.equal(text(layers.read('etc/link', LIMIT)), 'below\n', 'a link leads to what is in another layer')
  t.equal(text(layers.read('file/x', LIMIT)), 'missing: file is not a directory')
  t.equal(text(layers.read('now', LIMIT)), 'other-kind: now is a directory')
  const listed = layers.list('etc')
  t.same(listed.kind === 'found' && listed.value.map(entry => entry.name).sort(), ['group', 'link', 'own', 'passwd'])
  const opaque = new Tree([join(top, 'upper'), join(top, 'lower')], 'within', new Set(['etc']))
  t.match(opaque.read('etc/group', LIMIT), {kind: 'missing'})
  t.end()
})

t.test('names need not be UTF-8', t => {
  const top = tree(t)
  const name = Buffer.from('b\xff', 'latin1')
  writeFileSync(Buffer.concat([Buffer.from(`${top}/`), name]), 'odd')
  t.equal(text(new Tree([top], 'refused').read(name, LIMIT)), 'odd')
  t.end()
})

t.test('whatever comes of it, nothing stays open', t => {
  const top = tree(t)
  symlinkSync('../run/x', join(top, 'etc/relative'))
  symlinkSync('loop', join(top, 'loop'))
  linkSync(join(top, 'run/x'), join(top, 'run/y'))
  mkdirSync(join(top, 'd'))
  const within = new Tree([top, join(top, 'etc')], 'within')
  const before = readdirSync('/proc/self/fd').length
  for (const path of ['etc/relative', 'loop', 'none', 'd', 'etc/passwd/x', 'run/../../etc/passwd', 'sub/deep']) {
    within.read(path, LIMIT)
    within.status(path)
    within.link(path)
    within.list(path)
    const directory = within.openDirectory(path)
    if (directory.kind === 'found') closeSync(directory.value)
    const file = within.open(path)
    if (file.kind === 'found') t.equal(readFileSync(file.value.fd).length, file.value.status.size)
    if (file.kind === 'found') closeSync(file.value.fd)
  }
  t.equal(readdirSync('/proc/self/fd').length, before)
  t.end()
})
