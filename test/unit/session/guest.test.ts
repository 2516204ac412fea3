import t from 'tap'
import {findUser, type GuestUser, guestVariables} from '../../../lib/session/guest.js'
import {refusal} from '../refusal.js'

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
builder:x:1000:1000:,,,:/home/builder:
`

const GROUP = `root:x:0:
daemon:x:1:
video:x:44:other,builder
builder:x:1000:builder
audio:x:29:builderx
`

t.test('a user is found by name or number, with the groups that list it', async t => {
  const builder: GuestUser = {name: 'builder', uid: 1000, gid: 1000, groups: [1000, 44], home: '/home/builder', shell: '/bin/sh'}
  t.same(findUser('builder', PASSWD, GROUP), builder)
  t.same(findUser('1000', PASSWD, GROUP), builder)
  t.match(findUser('root', PASSWD, GROUP), {uid: 0, groups: [0], home: '/root', shell: '/bin/bash'})
})

t.test('a user that the root does not have is refused', async t => {
  for (const name of ['nobody', '', 'x', 'build'])
    t.throws(() => findUser(name, PASSWD, GROUP), refusal('unknown-user', {hint: /useradd/}), name)
  t.throws(() => findUser('root', '', ''), refusal('unknown-user'))
})

const user = findUser('builder', PASSWD, GROUP)

const environment = (caller: Record<string, string>, given: readonly Buffer[] = []) =>
  guestVariables({name: 'mips64el'}, user, caller, given)

const names = (variables: readonly Buffer[]) => variables.map(variable => variable.toString('latin1').split('=')[0] ?? '')

t.test("the guest's variables are the user's, made anew", async t => {
  const made = environment({PATH: '/host/bin', HOME: '/host/home', LANG: 'de_DE', USER: 'me', SHELL: '/bin/fish'}).map(String)
  t.ok(made.includes('HOME=/home/builder'))
  t.ok(made.includes('USER=builder'))
  t.ok(made.includes('SHELL=/bin/sh'))
  t.ok(made.includes('XBUILD_ENV=mips64el'))
  t.notOk(made.some(variable => variable.includes('host') || variable.includes('fish') || variable.includes('de_DE')))
})

t.test("the caller's odd variables do not get through", async t => {
  const odd = [
    'NODE_OPTIONS',
    'TAP',
    'TAP_CHILD_ID',
    '_TAPJS_PROCESSINFO_ROOT_',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'CFLAGS',
    'MAKEFLAGS',
    'QEMU_CPU',
    'LC_ALL',
  ]
  const found = names(environment(Object.fromEntries(odd.map(name => [name, '1']))))
  for (const name of odd) t.notOk(found.includes(name), name)
})

t.test('terminal, proxy and the date to build for get through', async t => {
  const caller = {TERM: 'xterm', https_proxy: 'http://proxy:3128', SOURCE_DATE_EPOCH: '1', NO_COLOR: ''}
  const made = environment(caller).map(String)
  for (const [name, value] of Object.entries(caller)) t.ok(made.includes(`${name}=${value}`), name)
})

t.test('a variable that is given wins, and is there once', async t => {
  const made = environment({TERM: 'xterm'}, [Buffer.from('TERM=dumb'), Buffer.from('PATH=/only'), Buffer.from('LD_PRELOAD=x.so')])
  t.same(names(made).filter(name => name === 'TERM').length, 1)
  for (const variable of ['TERM=dumb', 'PATH=/only', 'LD_PRELOAD=x.so']) t.ok(made.map(String).includes(variable))
  t.notOk(made.map(String).includes('TERM=xterm'))
})

t.test('a given variable whose name only begins alike replaces nothing', async t => {
  const found = names(environment({}, [Buffer.from('PATHS=x'), Buffer.from('HOM=x')]))
  for (const name of ['PATH', 'PATHS', 'HOME', 'HOM']) t.ok(found.includes(name), name)
})

t.test('given bytes that are not UTF-8 stay as they are', async t => {
  const given = Buffer.from([0x4b, 0x3d, 0xff, 0x00fe, 0x80])
  t.equal(environment({}, [given]).at(-1)?.toString('hex'), '4b3dfffe80')
})
