import {spawnSync} from 'node:child_process'
import {mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {scratch} from './rig.js'

const OPAQUE = fileURLToPath(new URL('../../dist/shims/xbuild-opaque', import.meta.url))

/** man 2 setxattr: number 188 on x86-64. Node has no way to it. */
const SET = 'my ($path, $value) = @ARGV; my $name = "user.overlay.opaque"; exit(syscall(188, $path, $name, $value, length $value, 0) != 0)'
const setAttribute = (path: string, value: string) => spawnSync('perl', ['-e', SET, path, value]).status

t.test('only the directories that overlayfs takes for opaque are listed', async t => {
  const directory = scratch(t)
  const tree = join(directory, 'tree')
  for (const [name, value] of Object.entries({a: 'y', empty: '', long: 'yes', longer: 'y'.repeat(20), none: undefined, z: 'y'})) {
    mkdirSync(join(tree, name), {recursive: true})
    if (value !== undefined && setAttribute(join(tree, name), value) !== 0) {
      t.pass('attributes', {skip: 'this file system has none'})
      return
    }
  }
  const {status, stderr} = spawnSync(OPAQUE, [tree, join(directory, 'list')], {encoding: 'utf8'})
  t.equal(status, 0, stderr)
  t.same(readFileSync(join(directory, 'list'), 'utf8').split('\0').filter(Boolean).sort(), ['a', 'z'])
})
