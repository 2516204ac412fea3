import type {ComingRoute, Route, RouteRule, RouteTable} from '../core/twins/route.js'

/** "XBT6", see shims/activator/table.h, whose structures the functions below write. */
export const TABLE_MAGIC = 0x36544258
export const HEADER_SIZE = 48
/** Of the header: the size of the whole. */
export const SIZE_AT = 36
export const ROUTE_SIZE = 56
const RULE_SIZE = 28

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashPath(path: string): number {
  let hash = 2166136261
  for (const byte of Buffer.from(path)) hash = Math.imul(hash ^ byte, 16777619) >>> 0
  return hash
}

/** Twice as many buckets as routes, and a power of two. */
const bucketCount = (routes: number) => 2 ** Math.ceil(Math.log2(Math.max(routes, 1) * 2))

/** Collects strings and structures behind a part of fixed size, and knows where each will lie. */
export class Writer {
  readonly #parts: Buffer[] = []
  readonly #strings = new Map<string, number>()
  #size: number

  constructor(start: number) {
    this.#size = start
  }

  /** Every structure starts at a multiple of four. */
  add(bytes: Buffer): number {
    const at = this.#size
    const padding = (4 - (bytes.length % 4)) % 4
    this.#parts.push(bytes, Buffer.alloc(padding))
    this.#size += bytes.length + padding
    return at
  }

  string(text: string): number {
    const known = this.#strings.get(text)
    if (known !== undefined) return known
    const at = this.add(Buffer.from(`${text}\0`))
    this.#strings.set(text, at)
    return at
  }

  list(texts: readonly string[]): number {
    if (texts.length === 0) return 0
    return this.add(words([texts.length, ...texts.map(text => this.string(text))]))
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

export function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => {
    bytes.writeUInt32LE(value, i * 4)
  })
  return bytes
}

/** The file that the activator maps. Routes of one bucket lie one behind the other, in rising order. */
export function encodeTable(table: RouteTable): Buffer {
  const buckets = bucketCount(table.routes.length)
  const sorted = table.routes
    .map(route => ({route, hash: hashPath(route.path)}))
    .sort((a, b) => (a.hash & (buckets - 1)) - (b.hash & (buckets - 1)))
  const routesAt = HEADER_SIZE + buckets * 4
  const writer = new Writer(routesAt + sorted.length * ROUTE_SIZE)
  const first = new Array<number>(buckets).fill(0)
  const rules = new Map<RouteRule, number>()
  const routes = sorted.map(({route, hash}, i) => {
    const bucket = hash & (buckets - 1)
    if (first[bucket] === 0) first[bucket] = routesAt + i * ROUTE_SIZE
    const following = sorted[i + 1]
    const next = following && (following.hash & (buckets - 1)) === bucket ? routesAt + (i + 1) * ROUTE_SIZE : 0
    return encodeRoute(route, hash, next, writer, rules)
  })
  const header = words([
    TABLE_MAGIC,
    buckets,
    HEADER_SIZE,
    writer.string(table.interpreter),
    writer.list(table.arguments),
    writer.list(table.emulateVariables),
    writer.list(table.locales),
    writer.list(table.preloads),
    0, // entries: table-entries.ts
    0, // its size, which is known in a moment
    table.variableOrder === 'reversed' ? 1 : 0,
    0,
  ])
  return withSize(Buffer.concat([header, words(first), ...routes, writer.bytes()]))
}

/** The same bytes, with their size in the header: by it a table that was cut short is known. */
export function withSize(table: Buffer): Buffer {
  table.writeUInt32LE(table.length, SIZE_AT)
  return table
}

/** Of a file that is not there yet: its sum alone counts. */
const NOT_YET = {size: 0, mtime: '0', fixed: undefined}

function encodeRoute(route: Route | ComingRoute, hash: number, next: number, writer: Writer, rules: Map<RouteRule, number>): Buffer {
  const bytes = Buffer.alloc(ROUTE_SIZE)
  const {size, mtime, fixed} = route.file ?? NOT_YET
  bytes.writeBigUInt64LE(BigInt(size), 0)
  bytes.writeBigInt64LE(BigInt(mtime), 8)
  bytes.writeBigInt64LE(BigInt(fixed?.ctime ?? 0), 16)
  const rule = route.rule === undefined ? 0 : (rules.get(route.rule) ?? encodeRule(route.rule, writer))
  if (route.rule) rules.set(route.rule, rule)
  const sum = route.sum === undefined ? 0 : writer.string(route.sum)
  const strings = [writer.string(route.path), writer.string(route.twin)]
  words([next, hash, ...strings, rule, fixed?.inode ?? 0, route.twinSize, sum]).copy(bytes, 24)
  return bytes
}

function encodeRule(rule: RouteRule, writer: Writer): number {
  const bytes = words([
    writer.list(rule.variables),
    writer.list(rule.emulate),
    writer.list(rule.emulateLeading),
    writer.list(rule.insert),
    writer.list(rule.replace.flatMap(({from, to}) => [from, to])),
    writer.list(rule.emulateVariables),
    writer.list(rule.requireVariables),
  ])
  if (bytes.length !== RULE_SIZE) throw new Error('a rule has another size than shims/activator/table.h says')
  return writer.add(bytes)
}
