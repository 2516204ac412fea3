import {type ActivatorEntry, interpreterPath, interpreterWords, OWN_NAME} from '../core/binfmt/entry.js'
import {XbuildError} from '../core/errors.js'
import {tableSize} from './read-table.js'
import {Writer, withSize, words} from './table.js'

/** Of a table's header, shims/activator/table.h. */
const ENTRIES_AT = 32
const ENTRY_SIZE = 24

/** An entry as the activator needs it. */
export interface TableEntry {
  name: string
  offset: number
  /** In hexadecimal, as the mask. */
  magic: string
  mask: string | undefined
  /** The interpreter and its arguments; `routes`: the target's programs, which run as their twins or emulated. */
  command: readonly string[] | 'routes'
}

/** Entries, the oldest first, in the order in which the activator looks at them: as on FreeBSD and Linux, the newest first. */
export const tableEntries = (entries: readonly ActivatorEntry[]): TableEntry[] =>
  entries
    .filter(({state}) => state === 'enabled')
    .map(entry => ({
      name: entry.name,
      offset: entry.offset,
      magic: entry.magic,
      mask: entry.mask,
      command: entry.name === OWN_NAME ? ('routes' as const) : [interpreterPath(entry), ...interpreterWords(entry).slice(1)],
    }))
    .reverse()

/**
 * A table with other entries than it has: they are its last part, and the routes stay what they are. Throws
 * `older-format` for a table of another version.
 */
export function withEntries(table: Buffer, entries: readonly TableEntry[]): Buffer {
  if (tableSize(table) === undefined) {
    throw new XbuildError('older-format', "the environment's routes are damaged, or were found by another xbuild-env", {
      hint: 'a session that is not ephemeral finds them again: xbuild-env run ENV -- true',
    })
  }
  const start = table.readUInt32LE(ENTRIES_AT) || table.length
  const routes = Buffer.from(table.subarray(0, start))
  routes.writeUInt32LE(start, ENTRIES_AT)
  const writer = new Writer(start + 4 + entries.length * ENTRY_SIZE)
  const structures = entries.map(({name, offset, magic, mask, command}) =>
    words([
      offset,
      magic.length / 2,
      writer.add(Buffer.from(magic, 'hex')),
      mask === undefined ? 0 : writer.add(Buffer.from(mask, 'hex')),
      writer.string(name),
      command === 'routes' ? 0 : writer.list(command),
    ]),
  )
  return withSize(Buffer.concat([routes, words([entries.length]), ...structures, writer.bytes()]))
}
