import {existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync} from 'node:fs'
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

t.test('a checkout’s configuration has no program run', async t => {
  const directory = scratch(t)
  const [top, lazy, proof] = ['top', 'lazy', 'proof'].map(name => join(directory, name)) as [string, string, string]
  await execa('git', ['init', '--quiet', top])
  for (const message of ['one', 'two'])
    await execa('git', ['-C', top, ...IDENTITY, 'commit', '--quiet', '--allow-empty', `--message=${message}`])
  await execa('git', ['clone', '--quiet', top, lazy])
  const inLazy = (...args: string[]) => execa('git', ['-C', lazy, ...args])
  // A partial clone that lacks a commit asks its remote for it, by whatever program that names.
  const {stdout: one} = await inLazy('rev-parse', 'HEAD~1')
  for (const [key, value] of Object.entries({
    'core.repositoryformatversion': '1',
    'extensions.partialclone': 'origin',
    'remote.origin.promisor': 'true',
    'remote.origin.url': `ext::touch ${proof}`,
    'protocol.ext.allow': 'always',
    'core.fsmonitor': `touch ${proof}`,
  }))
    await inLazy('config', key, value)
  rmSync(join(lazy, '.git/objects', one.slice(0, 2), one.slice(2)))
  await inLazy('for-each-ref', `--contains=${one}`, 'refs/remotes').catch(() => {})
  t.ok(existsSync(proof), 'git itself runs it')
  rmSync(proof)
  await readCheckout(lazy)
  t.notOk(existsSync(proof))
})
