import {readFileSync} from 'node:fs'
import t from 'tap'
import {ACTIVATOR_FD, LOCALE_DIRECTORY, PRIVATE_DIRECTORY, ROUTES_FD, TWINS_FD} from '../../../lib/core/places.js'
import type {IdMap, Operation} from '../../../lib/core/session/plan.js'
import {orderBinds, planSession, type SessionInput} from '../../../lib/session/plan.js'

const ordinaryUser: IdMap = {
  way: 'newuidmap',
  uids: [
    {inside: 0, outside: 1000, count: 1},
    {inside: 1, outside: 100000, count: 65535},
  ],
  gids: [{inside: 0, outside: 1000, count: 1}],
}

const hostRoot: IdMap = {way: 'direct', uids: [{inside: 0, outside: 0, count: 65536}], gids: [{inside: 0, outside: 0, count: 65536}]}

const twins = {
  run: 'emulated',
  elf: {magic: '7f45', mask: 'ffff'},
  endian: 'little',
  twins: '/twins',
  libraries: 'usr/lib/x86_64-linux-gnu',
  loaders: {directory: '/loaders/key', names: ['ld-linux.so', 'ld-heap.so']},
  preludes: '/data/routes/preludes',
} as const

const input: SessionInput = {
  name: 'arm64',
  ids: ordinaryUser,
  binfmt: 'private',
  programs: twins,
  lower: ['/layer', '/root-tree'],
  upper: {directory: '/upper', work: '/overlay'},
  routes: '/routes',
  binds: [],
  networkFiles: [{source: '/host/resolv.conf', target: '/etc/resolv.conf'}],
  network: 'host',
  terminal: false,
  command: {kind: 'execute', argv: [Buffer.from('true')], variables: [], directory: '/', uid: 0, gid: 0, groups: []},
}

const bigEndian: SessionInput['programs'] = {...twins, endian: 'big'}

const operations = (changes: Partial<SessionInput> = {}): readonly Operation[] => planSession({...input, ...changes}).operations

/** Where in the plan an operation is; throws where it is not. */
function indexOf(plan: readonly Operation[], found: (operation: Operation) => boolean): number {
  const index = plan.findIndex(found)
  if (index === -1) throw new Error('the plan has no such operation')
  return index
}

const targets = (plan: readonly Operation[]) => plan.flatMap(operation => (operation.op === 'bind' ? [operation.target] : []))

t.test('routes and twins are held before the root is made', async t => {
  const plan = operations()
  const root = indexOf(plan, ({op}) => op === 'root')
  for (const [fd, source] of [
    [ROUTES_FD, '/routes'],
    [TWINS_FD, '/twins'],
  ] as const) {
    t.ok(indexOf(plan, operation => operation.op === 'hold' && operation.fd === fd && operation.source === source) < root)
  }
  t.ok(indexOf(plan, ({op}) => op === 'binfmt') < root, "the activator is opened while its path is the host's")
})

t.test('the root is entered last, and once', async t => {
  const plan = operations({binds: [{source: '/p', target: '/p', access: 'rw'}]})
  t.equal(
    indexOf(plan, ({op}) => op === 'enter'),
    plan.length - 1,
  )
})

t.test('nothing is mounted in the session before its root', async t => {
  const plan = operations({ids: hostRoot})
  const before = plan.slice(
    0,
    indexOf(plan, ({op}) => op === 'root'),
  )
  for (const {op} of before) t.ok(['hostname', 'hold', 'binfmt', 'follow'].includes(op), op)
})

t.test('the layers are given to the root as they are', async t => {
  const find = (plan: readonly Operation[]) => plan.find(({op}) => op === 'root')
  t.same(find(operations()), {op: 'root', upper: '/upper', work: '/overlay', lower: ['/layer', '/root-tree']})
  t.match(find(operations({upper: undefined})), {upper: undefined, work: undefined})
})

t.test('what makes a directory comes before what is put there', async t => {
  const plan = operations({programs: bigEndian, ids: hostRoot})
  const isUnder = (path: string, parent: string) => path.startsWith(`${parent}/`)
  plan.forEach((mount, at) => {
    if (mount.op !== 'mount') return
    const early = plan.slice(0, at).filter(other => 'target' in other && isUnder(other.target, mount.target))
    t.same(early, [], `nothing is hidden by ${mount.target}`)
  })
})

t.test('binds come parents before children, otherwise as they were given', async t => {
  const bind = (target: string) => ({source: '/s', target, access: 'rw' as const})
  const given = ['/a/b/c', '/z', '/a', '/a/b', '/a/c/']
  t.same(
    orderBinds(given.map(bind)).map(({target}) => target),
    ['/z', '/a', '/a/b', '/a/c/', '/a/b/c'],
  )
  t.same(targets(operations({binds: given.map(bind)})).slice(-5), ['/z', '/a', '/a/b', '/a/c/', '/a/b/c'])
})

t.test("binds of the user come behind all of the session's own", async t => {
  const plan = operations({binds: [{source: '/my/dev', target: '/dev/mine', access: 'ro'}]})
  t.same(plan.at(-2), {op: 'bind', source: '/my/dev', target: '/dev/mine', access: 'ro'})
})

t.test("a big-endian target gets the twins' own locales, another does not", async t => {
  const locales = {op: 'bind', source: '/twins/usr/lib/locale', target: LOCALE_DIRECTORY, access: 'ro'}
  t.same(
    operations({programs: bigEndian}).find(operation => operation.op === 'bind' && operation.target === LOCALE_DIRECTORY),
    locales,
  )
  t.notOk(targets(operations()).includes(LOCALE_DIRECTORY))
})

t.test("where root runs it, the kernel's switches are read-only", async t => {
  const plan = operations({ids: hostRoot})
  const paths = plan.flatMap(operation => (operation.op === 'protect' ? [operation.path] : []))
  const known = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/scsi', '/proc/acpi']
  t.same(
    known.filter(path => paths.includes(path)),
    known,
  )
  const proc = indexOf(plan, operation => operation.op === 'mount' && operation.type === 'proc')
  t.ok(indexOf(plan, ({op}) => op === 'protect') > proc, '/proc is there by then')
})

t.test('where an ordinary user runs it, the kernel protects them itself', async t => {
  t.notOk(operations().some(({op}) => op === 'protect'))
})

t.test('what is shown of the processor hides nothing of an ordinary user’s /proc from the kernel', async t => {
  const processor = '/data/processors/key/cpuinfo'
  const shown = {op: 'bind', source: processor, target: '/proc/cpuinfo', access: 'ro'}
  const isProc = (operation: Operation) => operation.op === 'mount' && operation.type === 'proc'
  const isDevices = (operation: Operation) => operation.op === 'mount' && operation.target === '/dev'
  for (const ids of [ordinaryUser, hostRoot]) {
    const plan = operations({ids, processor})
    const bind = indexOf(plan, operation => operation.op === 'bind' && operation.source === processor)
    t.same(plan[bind], shown)
    t.ok(bind > indexOf(plan, isProc))
    const others = plan.slice(bind).filter(isProc)
    t.same(others, ids === hostRoot ? [] : [{op: 'mount', type: 'proc', target: '/dev/proc', options: ''}])
    t.ok(plan.findLastIndex(isDevices) > plan.findLastIndex(isProc), 'no path leads to it')
  }
  t.equal(operations().filter(isProc).length, 1)
})

t.test('what a network needs comes read-only, before what the user binds', async t => {
  const bind = {source: '/mine', target: '/etc/resolv.conf', access: 'rw'} as const
  const found = operations({binds: [bind]}).filter(operation => operation.op === 'bind' && operation.target === '/etc/resolv.conf')
  t.match(found, [{source: '/host/resolv.conf', access: 'ro'}, bind])
})

t.test("no directory of the host's devices is shown, only single devices", async t => {
  const devices = operations().filter(operation => operation.op === 'bind' && operation.source.startsWith('/dev'))
  t.same(
    devices.map(operation => ('source' in operation ? operation.source : '')),
    ['/dev/full', '/dev/null', '/dev/random', '/dev/tty', '/dev/urandom', '/dev/zero'],
  )
})

t.test('the twins are shown in the session only in its private directory, and read-only', async t => {
  const shown = operations({programs: bigEndian}).filter(operation => operation.op === 'bind' && operation.source.startsWith('/twins'))
  t.equal(shown.length, 2)
  for (const operation of shown) t.match(operation, {target: /^\/dev\/xbuild\//, access: 'ro'})
})

t.test('the command is passed on as it is', async t => {
  t.equal(planSession(input).command, input.command)
})

t.test("where the system's binfmt_misc is used, a session registers nothing", async t => {
  t.notOk(operations({binfmt: 'system'}).some(operation => operation.op === 'binfmt'))
  t.ok(operations().some(operation => operation.op === 'binfmt'))
})

t.test("mounts are locked where the session's root is the host's, and open for an ordinary user", async t => {
  t.equal(planSession({...input, ids: hostRoot}).mounts, 'locked')
  t.equal(planSession(input).mounts, 'open')
})

t.test('where something is bound read-only, an ordinary user’s mounts are locked too', async t => {
  const project = {source: '/home/ada/it', target: '/home/ada/it', access: 'rw'} as const
  t.equal(planSession({...input, binds: [project]}).mounts, 'open')
  t.equal(planSession({...input, binds: [project, {source: '/elsewhere', target: '/mnt', access: 'ro'}]}).mounts, 'locked')
})

t.test('guest.c uses the session’s own of all its devices, but of the terminal, which cannot be opened without one', async t => {
  const source = readFileSync(new URL('../../../shims/session/guest.c', import.meta.url), 'utf8')
  const [, list = ''] = /devices\[\] = \{([^}]*)\}/.exec(source) ?? []
  t.same(
    [...list.matchAll(/"([^"]+)"/g)].map(([, path]) => path).sort(),
    targets(operations()).filter(path => path.startsWith('/dev/') && !path.startsWith('/dev/xbuild/') && path !== '/dev/tty'),
  )
})

t.test('where programs run by themselves, there is nothing of twins, no entry but those of the user, and limits count', async t => {
  const plan = operations({programs: {run: 'native'}})
  t.notOk(plan.some(operation => operation.op === 'binfmt' || (operation.op === 'hold' && operation.fd === TWINS_FD)))
  t.notOk(targets(plan).some(target => target.startsWith(PRIVATE_DIRECTORY)))
  t.ok(plan.some(operation => operation.op === 'hold' && operation.fd === ROUTES_FD && operation.source === '/routes'))
  t.ok(plan.some(operation => operation.op === 'hold' && operation.fd === ACTIVATOR_FD))
  for (const op of ['follow', 'keep-limits'])
    t.ok(
      plan.some(operation => operation.op === op),
      op,
    )
  t.ok(
    plan.some(operation => operation.op === 'directory' && operation.path === PRIVATE_DIRECTORY),
    'for the socket',
  )
  t.notOk(operations().some(({op}) => op === 'keep-limits'))
  t.notOk(operations({programs: {run: 'native'}, binfmt: 'system'}).some(({op}) => op === 'follow'))
})
