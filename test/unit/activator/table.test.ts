import t from 'tap'
import {encodeTable, hashPath} from '../../../lib/activator/table.js'
import {NO_ROUTES, type RouteRule, type RouteTable} from '../../../lib/core/twins/route.js'
import {RULES, someRoute, someTable} from './tables.js'

/** Reads a table by the structures of shims/activator/table.h, and by nothing of lib/activator. */
class Reader {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  word(at: number): number {
    if (at % 4 !== 0) throw new Error(`${at} is not aligned`)
    return this.#bytes.readUInt32LE(at)
  }

  /** A structure with members of eight bytes. */
  long(at: number): bigint {
    if (at % 8 !== 0) throw new Error(`${at} is not aligned`)
    return this.#bytes.readBigUInt64LE(at)
  }

  string(at: number): string {
    const end = this.#bytes.indexOf(0, at)
    if (at === 0 || end === -1) throw new Error(`no string at ${at}`)
    return this.#bytes.subarray(at, end).toString()
  }

  list(at: number): string[] {
    return at === 0 ? [] : Array.from({length: this.word(at)}, (_, i) => this.string(this.word(at + 4 + i * 4)))
  }

  rule(at: number) {
    const list = (offset: number) => this.list(this.word(at + offset))
    return {
      variables: list(0),
      emulate: list(4),
      emulateLeading: list(8),
      insert: list(12),
      replace: list(16),
      emulateVariables: list(20),
      requireVariables: list(24),
    }
  }

  route(at: number) {
    return {
      size: Number(this.long(at)),
      mtime: String(this.long(at + 8)),
      ctime: String(this.long(at + 16)),
      next: this.word(at + 24),
      hash: this.word(at + 28),
      path: this.string(this.word(at + 32)),
      twin: this.string(this.word(at + 36)),
      rule: this.word(at + 40),
      inode: this.word(at + 44),
      twinSize: this.word(at + 48),
      sum: this.word(at + 52) === 0 ? undefined : this.string(this.word(at + 52)),
    }
  }

  header() {
    return {
      magic: this.#bytes.subarray(0, 4).toString('latin1'),
      buckets: this.word(4),
      bucketList: this.word(8),
      interpreter: this.string(this.word(12)),
      arguments: this.list(this.word(16)),
      emulateVariables: this.list(this.word(20)),
      locales: this.list(this.word(24)),
      preloads: this.list(this.word(28)),
      variableOrder: this.word(40) === 0 ? 'in-order' : 'reversed',
    }
  }

  /** The offsets of a bucket's routes. */
  chain(bucket: number): number[] {
    const offsets: number[] = []
    for (let at = this.word(this.header().bucketList + bucket * 4); at !== 0; at = this.route(at).next) offsets.push(at)
    return offsets
  }
}

/** FNV-1a with numbers that cannot overflow. */
function fnv(text: string): number {
  let hash = 0x811c9dc5n
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n
  return Number(hash)
}

const flat = (rule: RouteRule) => ({...rule, replace: rule.replace.flatMap(({from, to}) => [from, to])})

t.test('the hash is FNV-1a', async t => {
  // Test vectors of the algorithm's authors.
  t.equal(hashPath(''), 0x811c9dc5)
  t.equal(hashPath('a'), 0xe40c292c)
  t.equal(hashPath('foobar'), 0xbf9cf968)
  t.equal(hashPath('/usr/bin/é'), fnv('/usr/bin/é'))
})

for (const count of [0, 1, 2, 500]) {
  t.test(`a table of ${count} routes says what it was made of`, async t => {
    const table = someTable(count)
    const reader = new Reader(encodeTable(table))
    const header = reader.header()
    t.match(header, {
      magic: 'XBT6',
      interpreter: table.interpreter,
      arguments: table.arguments,
      emulateVariables: table.emulateVariables,
      locales: table.locales,
      preloads: table.preloads,
      variableOrder: table.variableOrder,
    })
    t.equal(Math.log2(header.buckets) % 1, 0, 'as many buckets as a power of two')
    t.ok(header.buckets >= count, 'enough of them')
    let found = 0
    for (let bucket = 0; bucket < header.buckets; bucket++) {
      const chain = reader.chain(bucket)
      t.same(
        chain,
        [...chain].sort((a, b) => a - b),
        'in rising order',
      )
      for (const at of chain) {
        const route = reader.route(at)
        const wanted = table.routes.find(({path}) => path === route.path)
        t.match(route, {hash: fnv(route.path), twin: wanted?.twin, size: wanted?.file.size, mtime: wanted?.file.mtime})
        t.equal(route.sum, wanted?.sum)
        t.match(route, {twinSize: wanted?.twinSize, ctime: wanted?.file.fixed?.ctime ?? '0', inode: wanted?.file.fixed?.inode ?? 0})
        t.equal(route.hash % header.buckets, bucket, 'in its own bucket')
        if (wanted?.rule) t.same(reader.rule(route.rule), flat(wanted.rule))
        else t.equal(route.rule, 0)
        found++
      }
    }
    t.equal(found, count)
  })
}

t.test('routes that share a rule share its bytes', async t => {
  const [rule] = RULES
  const routes = [1, 2, 3].map(i => ({...someRoute(i), rule}))
  const reader = new Reader(encodeTable({...someTable(0), routes}))
  const offsets = Array.from({length: reader.header().buckets}, (_, bucket) => reader.chain(bucket)).flat()
  t.equal(new Set(offsets.map(at => reader.route(at).rule)).size, 1)
})

t.test('of a program that is not there yet the table has the sum, and neither size nor times', async t => {
  const {path, twin, twinSize, rule, package: name, match, kind} = someRoute(1)
  const sum = 'd41d8cd98f00b204e9800998ecf8427e'
  const routes = [{path, twin, twinSize, rule, package: name, match, kind, file: undefined, sum}]
  const reader = new Reader(encodeTable({...someTable(0), routes}))
  const [at] = [0, 1].flatMap(bucket => reader.chain(bucket)) as [number]
  t.match(reader.route(at), {path, sum, size: 0, mtime: '0', ctime: '0', inode: 0, twinSize})
})

t.test('a table of empty lists has none', async t => {
  const empty: RouteTable = {...NO_ROUTES, interpreter: 'usr/bin/qemu'}
  t.match(new Reader(encodeTable(empty)).header(), {arguments: [], emulateVariables: [], locales: []})
})

t.test('equal input is equal bytes', async t => {
  t.ok(encodeTable(someTable(50)).equals(encodeTable(someTable(50))))
})
