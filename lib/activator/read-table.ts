import {join} from 'node:path'
import {PATH_MAX} from '../core/kernel.js'
import {TABLE_FILE} from '../core/places.js'
import type {Route} from '../core/twins/route.js'
import {readRegular} from '../host/beneath.js'
import {HEADER_SIZE, ROUTE_SIZE, SIZE_AT, TABLE_MAGIC} from './table.js'

/** Of a table's header, shims/activator/table.h: how many buckets there are, and where their list lies. */
const BUCKETS_AT = 4
const BUCKET_LIST_AT = 8

/** Bytes: what a hundred thousand routes take. */
const TABLE_LIMIT = 16 * 2 ** 20

/** The table in a directory; what is not a regular file is empty, and so none. */
export function readTable(directory: string): Buffer {
  const table = readRegular(join(directory, TABLE_FILE), TABLE_LIMIT)
  return table.kind === 'found' ? table.value : Buffer.alloc(0)
}

/** Its size in bytes; undefined for what is no table of this version, or was cut short. */
export function tableSize(table: Buffer): number | undefined {
  if (table.length < HEADER_SIZE || table.readUInt32LE(0) !== TABLE_MAGIC) return undefined
  const size = table.readUInt32LE(SIZE_AT)
  return size === table.length ? size : undefined
}

/** What the activator compares an executed file with. */
export type TableFile = Pick<Route, 'path' | 'file'>

/** The files of a table's routes; undefined for what is no whole table of this version. */
export function tableFiles(table: Buffer): TableFile[] | undefined {
  if (tableSize(table) === undefined) return undefined
  try {
    const buckets = table.readUInt32LE(BUCKETS_AT)
    const start = table.readUInt32LE(BUCKET_LIST_AT)
    const files: TableFile[] = []
    for (let bucket = 0; bucket < buckets; bucket++) {
      let at = table.readUInt32LE(start + bucket * 4)
      while (at !== 0) {
        if (files.length * ROUTE_SIZE > table.length) return undefined // its buckets have the same routes
        files.push(readFile(table, at))
        at = following(table, at)
      }
    }
    return files
  } catch (error) {
    if (error instanceof RangeError) return undefined // an offset that leads out of it
    throw error
  }
}

/** Routes of one bucket lie one behind the other, so that a damaged table has no loop. */
function following(table: Buffer, at: number): number {
  const next = table.readUInt32LE(at + 24)
  if (next !== 0 && next <= at) throw new RangeError('a route leads back')
  return next
}

function readFile(table: Buffer, at: number): TableFile {
  const ctime = table.readBigInt64LE(at + 16)
  const inode = table.readUInt32LE(at + 44)
  return {
    path: readString(table, table.readUInt32LE(at + 32)),
    file: {
      size: Number(table.readBigUInt64LE(at)),
      mtime: String(table.readBigInt64LE(at + 8)),
      fixed: ctime === 0n ? undefined : {ctime: String(ctime), inode},
    },
  }
}

function readString(table: Buffer, at: number): string {
  const end = table.indexOf(0, at)
  if (at === 0 || end === -1 || end - at >= PATH_MAX) throw new RangeError('a string that does not end')
  return table.toString('utf8', at, end)
}
