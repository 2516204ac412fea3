import t from 'tap'
import {
  describeOperation,
  encodeJoin,
  encodePlan,
  type Operation,
  type SessionPlan,
  sharedPaths,
} from '../../../../lib/core/session/plan.js'

/** Reads strings that end in NUL one by one, as shims/session/plan.c does. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isEmpty(): boolean {
    return this.#at === this.#bytes.length
  }

  bytes(): Buffer {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end === -1) throw new Error('the plan does not end in NUL')
    const found = this.#bytes.subarray(this.#at, end)
    this.#at = end + 1
    return found
  }

  text = () => this.bytes().toString()
  number = () => Number(this.text())
  list = () => Array.from({length: this.number()}, () => this.bytes())
  texts = () => this.list().map(String)
}

/** The operations that a plan may have, and what each is followed by. */
const ARGUMENTS: Record<string, (reader: Reader) => unknown[]> = {
  root: reader => [reader.text(), reader.text(), reader.texts()],
  bind: reader => [reader.text(), reader.text(), reader.text(), reader.text()],
  mount: reader => [reader.text(), reader.text(), reader.text()],
  directory: reader => [reader.text()],
  symlink: reader => [reader.text(), reader.text()],
  protect: reader => [reader.text()],
  hold: reader => [reader.number(), reader.text()],
  binfmt: reader => [reader.text(), reader.number(), reader.text(), reader.text(), reader.text(), reader.text()],
  follow: () => [],
  'keep-limits': () => [],
  hostname: reader => [reader.text()],
  trace: () => [],
  enter: () => [],
}

function decode(bytes: Buffer) {
  const reader = new Reader(bytes)
  const head = {
    way: reader.text(),
    uids: reader.texts(),
    gids: reader.texts(),
    network: reader.text(),
    terminal: reader.text(),
    mounts: reader.text(),
    root: reader.text(),
    company: reader.text(),
    socket: reader.text(),
    shared: reader.texts(),
  }
  const operations: unknown[][] = []
  for (let word = reader.text(); word !== 'run'; word = reader.text()) {
    const read = ARGUMENTS[word]
    if (!read) throw new Error(`no such operation: ${word}`)
    operations.push([word, ...read(reader)])
  }
  const command = {
    kind: reader.text(),
    directory: reader.text(),
    uid: reader.number(),
    gid: reader.number(),
    groups: reader.texts(),
    variables: reader.list(),
    argv: reader.list(),
  }
  return {head, operations, command, isEmpty: reader.isEmpty}
}

const operations: Operation[] = [
  {op: 'trace'},
  {op: 'hostname', name: 'arm64'},
  {op: 'hold', fd: 100, source: '/routes'},
  {op: 'binfmt', entry: {name: 'x', offset: 0, magic: '\\x7f', mask: '\\xff', interpreter: '/activator', flags: 'POCF'}},
  {op: 'follow'},
  {op: 'keep-limits'},
  {op: 'root', upper: '/upper', work: '/w', lower: ['/one', '/two']},
  {op: 'root', upper: undefined, work: undefined, lower: []},
  {op: 'mount', type: 'proc', target: '/proc', options: ''},
  {op: 'protect', path: '/proc/sys'},
  {op: 'directory', path: '/dev/pts'},
  {op: 'symlink', text: 'pts/ptmx', path: '/dev/ptmx'},
  {op: 'bind', source: '/home/me/prøject', target: '/p', access: 'ro'},
  {op: 'enter'},
]

const command = {kind: 'execute', argv: [Buffer.from('true')], variables: [], directory: '/p', uid: 7, gid: 8, groups: [8, 9]} as const

const plan: SessionPlan = {
  ids: {
    way: 'newuidmap',
    uids: [
      {inside: 0, outside: 1000, count: 1},
      {inside: 1, outside: 100000, count: 65535},
    ],
    gids: [],
  },
  network: 'own',
  terminal: true,
  mounts: 'locked',
  operations,
  command,
}

t.test('what is encoded can be read again, and nothing is left over', async t => {
  const found = decode(encodePlan(plan))
  t.same(found.head, {
    way: 'newuidmap',
    uids: ['0', '1000', '1', '1', '100000', '65535'],
    gids: [],
    network: 'own-network',
    terminal: 'terminal',
    mounts: 'locked',
    root: 'own-root',
    company: 'alone',
    socket: '',
    shared: ['/routes', '/activator', '/home/me/prøject'],
  })
  t.same(found.operations, [
    ['trace'],
    ['hostname', 'arm64'],
    ['hold', 100, '/routes'],
    ['binfmt', 'x', 0, '\\x7f', '\\xff', '/activator', 'POCF'],
    ['follow'],
    ['keep-limits'],
    ['root', '/upper', '/w', ['/one', '/two']],
    ['root', '', '', []],
    ['mount', 'proc', '/proc', ''],
    ['protect', '/proc/sys'],
    ['directory', '/dev/pts'],
    ['symlink', 'pts/ptmx', '/dev/ptmx'],
    ['bind', '/home/me/prøject', '/p', 'ro', 'dead'],
    ['enter'],
  ])
  t.match(found.command, {directory: '/p', uid: 7, gid: 8, groups: ['8', '9']})
  t.ok(found.isEmpty)
})

t.test('arguments and variables that are not UTF-8 keep their bytes', async t => {
  const argv = [Buffer.from('printf'), Buffer.from([0xff, 0xfe, 0x80]), Buffer.alloc(0), Buffer.from('Größe'), Buffer.from('a\nb "c"')]
  const variables = [Buffer.from([0x4b, 0x3d, 0xe4, 0xf6, 0xfc])]
  const found = decode(encodePlan({...plan, command: {...command, argv, variables}}))
  t.same(
    found.command.argv.map(bytes => bytes.toString('hex')),
    argv.map(bytes => bytes.toString('hex')),
  )
  t.same(
    found.command.variables.map(bytes => bytes.toString('hex')),
    ['4b3de4f6fc'],
  )
  t.ok(found.isEmpty)
})

t.test('a session that is only held is a plan without a command', async t => {
  const found = decode(encodePlan({...plan, command: {kind: 'hold'}}))
  t.same(found.command.argv, [])
  t.ok(found.isEmpty)
})

t.test('a connection with a server of the session is a port, and nothing that is run', async t => {
  const found = decode(encodePlan({...plan, command: {kind: 'connect', port: 3632}}))
  t.match(found.command, {kind: 'connect', argv: [Buffer.from('3632')]})
  t.ok(found.isEmpty)
})

t.test('a command without words does not become such a plan', async t => {
  t.throws(() => encodePlan({...plan, command: {...command, argv: []}}), /at least its name/)
})

t.test('the plain case is plain', async t => {
  const found = decode(encodePlan({...plan, network: 'host', terminal: false, operations: []}))
  t.match(found.head, {network: 'host-network', terminal: 'plain', root: 'host-tree', shared: []})
  t.same(found.operations, [])
})

t.test('what a session with a root of its own only reads is shared, so that it cannot be made writable', async t => {
  const twice: Operation = {op: 'bind', source: '/a', target: '/b', access: 'ro'}
  const shared = (more: readonly Operation[]) => sharedPaths({...plan, operations: more})
  const root: Operation = {op: 'root', upper: undefined, work: undefined, lower: ['/l']}
  t.same(shared([root, twice, {...twice, target: '/c'}, {...twice, source: '/w', access: 'rw'}]), ['/a'])
  t.same(shared([root, {op: 'devices', target: '/sys'}]), ['/sys', '/sys/fs/cgroup'])
  t.same(shared([twice]), [], 'in the host’s own tree nothing is kept from anybody')
})

t.test('device nodes of what is bound are dead, but for those of /dev', async t => {
  const devices = (source: string) => {
    const bind: Operation = {op: 'bind', source, target: '/dev/x', access: 'rw'}
    return decode(encodePlan({...plan, operations: [bind]})).operations[0]?.at(-1)
  }
  for (const source of ['/dev', '/dev/kvm', '/dev/']) t.equal(devices(source), 'usable', source)
  for (const source of ['/', '/devices', '/home/me/dev/null']) t.equal(devices(source), 'dead', source)
})

t.test('every operation can be told in one line', async t => {
  for (const operation of operations) t.match(describeOperation(operation), /^[^\n]+$/)
  t.equal(describeOperation({op: 'bind', source: '/a', target: '/b', access: 'ro'}), 'bind /a at /b, read-only')
  t.match(describeOperation({op: 'root', upper: undefined, work: undefined, lower: ['/l']}), 'in memory')
})

t.test('who may come to a session is told, and what one that comes asks for', async t => {
  t.match(decode(encodePlan(plan)).head, {company: 'alone', socket: ''})
  for (const kind of ['joins', 'held', 'kept'] as const)
    t.match(decode(encodePlan({...plan, company: {kind, socket: '/s/ø'}})).head, {company: kind, socket: '/s/ø'})
  const reader = new Reader(encodeJoin({socket: '/s', terminal: false, network: 'own', command}))
  t.same([reader.text(), reader.text(), reader.text()], ['plain', 'own-network', '/s'])
  t.same([reader.text(), reader.text(), reader.number(), reader.number(), reader.texts()], ['execute', '/p', 7, 8, ['8', '9']])
  t.same([reader.texts(), reader.texts(), reader.isEmpty], [[], ['true'], true])
})
