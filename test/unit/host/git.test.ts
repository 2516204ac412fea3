import {mkdirSync, mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {execa} from 'execa'
import t, {type Test} from 'tap'
import {pathInCheckout, readCheckout} from '../../../lib/host/git.js'

/** A directory that lies in no checkout. */
function scratch(t: Test): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'xbuild-test-')))
  t.teardown(() => rmSync(directory, {recursive: true, force: true}))
  return directory
}

const IDENTITY = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org']

t.test('what is in no checkout has no place there, and no commit', async t => {
  const directory = scratch(t)
  t.equal(await pathInCheckout(directory), undefined)
  t.equal(await readCheckout(directory), undefined)
})

t.test('a checkout tells its commit, its origin, and whether others can have the commit', async t => {
  const directory = scratch(t)
  const [top, sub] = [join(directory, 'top'), join(directory, 'top/a b/c')]
  const git = (...args: string[]) => execa('git', ['-C', top, ...IDENTITY, ...args])
  mkdirSync(sub, {recursive: true})
  await git('init', '--quiet')
  t.equal(await readCheckout(top), undefined, 'no commit yet')
  await git('commit', '--quiet', '--allow-empty', '--message=one')
  const {stdout: commit} = await git('rev-parse', 'HEAD')
  t.same(await readCheckout(top), {commit, origin: undefined, published: false})
  await git('clone', '--quiet', '--bare', top, join(directory, 'origin.git'))
  await git('remote', 'add', 'origin', join(directory, 'origin.git'))
  await git('fetch', '--quiet', 'origin')
  t.same(await readCheckout(top), {commit, origin: join(directory, 'origin.git'), published: true})
  t.equal(await pathInCheckout(sub), 'a b/c')
  t.equal(await readCheckout(sub), undefined, 'what lies in a checkout may be installed there')
})
