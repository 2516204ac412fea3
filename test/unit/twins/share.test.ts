import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import t, {type Test} from 'tap'
import {shareFiles} from '../../../lib/twins/share.js'

function treeOf(t: Test, files: Record<string, string>): string {
  const tree = mkdtempSync(join(tmpdir(), 'xbuild-share-'))
  t.teardown(() => rmSync(tree, {recursive: true}))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, 'usr', path)), {recursive: true})
    writeFileSync(join(tree, 'usr', path), text)
  }
  return tree
}

const inode = (tree: string, path: string) => lstatSync(join(tree, 'usr', path)).ino

t.test('what two sets have alike is one file, and what differs stays apart', async t => {
  const there = treeOf(t, {'bin/same': 'same', 'bin/other': 'abcd', 'lib/a': 'library', 'bin/shorter': 'ab'})
  const made = treeOf(t, {'bin/same': 'same', 'bin/other': 'abce', 'lib/a': 'library', 'bin/shorter': 'abc', 'bin/alone': 'x', empty: ''})
  t.equal(shareFiles(made, [there]), 'same'.length + 'library'.length)
  t.equal(inode(made, 'bin/same'), inode(there, 'bin/same'))
  t.equal(inode(made, 'lib/a'), inode(there, 'lib/a'))
  t.equal(readFileSync(join(made, 'usr', 'bin/other'), 'utf8'), 'abce')
  t.equal(readFileSync(join(there, 'usr', 'bin/other'), 'utf8'), 'abcd')
  t.same(readdirSync(join(made, 'usr', 'bin')).sort(), ['alone', 'other', 'same', 'shorter'])
  t.equal(shareFiles(made, [there]), 0, 'there is nothing left to be shared')
})

t.test('another mode, a link and a directory of that name are not the same', async t => {
  const there = treeOf(t, {mode: 'text', 'directory/file': 'x', target: 'text'})
  const made = treeOf(t, {mode: 'text', directory: 'text', link: 'text'})
  chmodSync(join(there, 'usr', 'mode'), 0o755)
  symlinkSync('target', join(there, 'usr', 'link'))
  t.equal(shareFiles(made, [there]), 0)
})

t.test('of several names of one file, each becomes one of the other’s', async t => {
  const there = treeOf(t, {a: 'text'})
  linkSync(join(there, 'usr', 'a'), join(there, 'usr', 'b'))
  const made = treeOf(t, {a: 'text'})
  linkSync(join(made, 'usr', 'a'), join(made, 'usr', 'b'))
  shareFiles(made, [there])
  t.equal(inode(made, 'b'), inode(there, 'a'))
  rmSync(join(there, 'usr'), {recursive: true})
  t.equal(readFileSync(join(made, 'usr', 'a'), 'utf8'), 'text', 'it stays when the other set is removed')
})
