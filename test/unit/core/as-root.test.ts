import t from 'tap'
import {asRoot, ownAsRoot, type RootAccess, scriptAsRoot} from '../../../lib/core/as-root.js'
import {splitCommands} from '../../../lib/core/shell-words.js'

const xbuildEnv = ['/home/a b/node', '/home/a b/bin/xbuild-env.js']
const access = (way: RootAccess['way']): RootAccess => ({way, xbuildEnv})

t.test("a command of root's is a line for whoever reads it", async t => {
  t.equal(asRoot(access('root'), ['sysctl', 'a=1']), 'sysctl a=1')
  t.equal(asRoot(access('sudo'), ['sysctl', 'a=1']), 'sudo sysctl a=1')
  t.equal(asRoot(access('other'), ['sysctl', 'a=1']), 'as root: sysctl a=1')
})

t.test('a redirection is done by the shell that sudo starts', async t => {
  t.equal(scriptAsRoot(access('root'), 'echo -1 > /x'), 'echo -1 > /x')
  t.equal(scriptAsRoot(access('other'), 'echo -1 > /x'), 'as root: echo -1 > /x')
  t.same(splitCommands(scriptAsRoot(access('sudo'), 'echo -1 > /x')), [['sudo', 'sh', '-c', 'echo -1 > /x']])
})

t.test('xbuild-env is called as root finds it, whatever is in the path', async t => {
  t.same(splitCommands(ownAsRoot(access('sudo'), ['system', 'register', 'mips64el'])), [
    ['sudo', ...xbuildEnv, 'system', 'register', 'mips64el'],
  ])
  t.equal(ownAsRoot({way: 'sudo', xbuildEnv: ['xbuild-env']}, ['doctor']), 'sudo xbuild-env doctor')
})
