import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {isOutdated, Layers} from '../../../lib/environment/outdated.js'
import {fileIdentity} from '../../../lib/host/file-identity.js'

const PATH = '/usr/bin/sed'

/** An upper layer, a root with that file, and a directory of the host's that has another of its name. */
function trees(t: Test) {
  const directory = t.testdir({upper: {}, root: {usr: {bin: {sed: 'of the root'}}}, host: {bin: {sed: 'of the host'}, sed: 'of the host'}})
  const [upper, root, host] = ['upper', 'root', 'host'].map(name => join(directory, name)) as [string, string, string]
  const file = fileIdentity(root + PATH)
  if (!file) throw new Error('it is there')
  return {upper, root, host, route: {path: PATH, file}}
}

t.test('the topmost layer that has a file says which it is', async t => {
  const {upper, root, route} = trees(t)
  t.same(new Layers([upper, root]).treesWith(PATH), [root])
  t.notOk(isOutdated(route, new Layers([upper, root])))
  mkdirSync(join(upper, 'usr/bin'), {recursive: true})
  writeFileSync(upper + PATH, 'of the session')
  t.same(new Layers([upper, root]).treesWith(PATH), [upper, root])
  t.ok(isOutdated(route, new Layers([upper, root])))
})

t.test('a directory that a session has made a link leads to no file of the host', async t => {
  const {upper, root, host, route} = trees(t)
  symlinkSync(host, join(upper, 'usr'))
  t.same(new Layers([upper, root]).treesWith(PATH), [root])
  t.notOk(isOutdated(route, new Layers([upper, root])))
})

t.test('nor does one of the last directory, or in the layer at the bottom', async t => {
  const {upper, root, host, route} = trees(t)
  mkdirSync(join(upper, 'usr'))
  symlinkSync(host, join(upper, 'usr/bin'))
  t.same(new Layers([root, upper]).treesWith(PATH), [root])
  t.same(new Layers([upper, upper]).treesWith(PATH), [])
  t.notOk(isOutdated(route, new Layers([upper, root])))
})
