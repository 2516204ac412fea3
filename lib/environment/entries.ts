import {join} from 'node:path'
import {ownEntry} from '../activator/entry.js'
import {readTable} from '../activator/read-table.js'
import {type TableEntry, tableEntries, withEntries} from '../activator/table-entries.js'
import {type ActivatorEntry, applyChange, checkEntry, checkLinux, type EntryChange, OWN_NAME} from '../core/binfmt/entry.js'
import {XbuildError} from '../core/errors.js'
import {TABLE_FILE} from '../core/places.js'
import {readFileIfThere, SHORT_TEXT_LIMIT, writeFileSafely} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import type {EnvironmentRecord} from './record.js'
import {type RoutingPaths, tableDirectories} from './routing-paths.js'
import type {Store} from './store.js'

/** The format of entries.json that this version writes and reads. */
const FORMAT = 1

/** What is kept of an environment's entries: all but what the profile says of the target's own. */
interface KeptEntries {
  format: number
  /** Whether the target's programs are run at all. */
  own: ActivatorEntry['state']
  /** The oldest first. */
  entries: ActivatorEntry[]
}

async function readKept(paths: RoutingPaths): Promise<KeptEntries> {
  const text = await readFileIfThere(paths.entries, SHORT_TEXT_LIMIT)
  if (text === undefined) return {format: FORMAT, own: 'enabled', entries: []}
  const damaged = (cause?: unknown) =>
    new XbuildError('environment-damaged', `${paths.entries} cannot be read`, {
      hint: 'move it away: the environment is whole without',
      cause,
    })
  try {
    const {format, own, entries} = Object(JSON.parse(text)) as Record<keyof KeptEntries, unknown>
    if (format !== FORMAT || !isState(own) || !Array.isArray(entries)) throw damaged()
    return {format, own, entries: entries.map(readEntry)}
  } catch (error) {
    throw damaged(error)
  }
}

const isState = (value: unknown): value is ActivatorEntry['state'] => value === 'enabled' || value === 'disabled'

/** An entry as it would be taken from a user: what an archive brought may be anything. Throws `bad-entry`. */
function readEntry(value: unknown): ActivatorEntry {
  const {name, interpreter, magic, mask, offset, state, opened} = Object(value) as Record<keyof ActivatorEntry, unknown>
  const isWhole = typeof name === 'string' && typeof interpreter === 'string' && typeof magic === 'string' && typeof offset === 'number'
  const isMask = mask === undefined || typeof mask === 'string'
  const isOpened = opened === 'for-each' || opened === 'at-once'
  if (!isWhole || !isMask || !isOpened || !isState(state)) throw new XbuildError('bad-entry', 'an entry lacks something')
  return checkLinux(checkEntry({name, interpreter, magic, ...(mask === undefined ? {} : {mask}), offset, state, opened}))
}

/** By what the target's programs are recognised, and the profile's emulator; `none`: they run without an entry. */
export type OwnPrograms = {elf: EnvironmentRecord['elf']; emulator: string} | 'none'

/** The entry of the environment's own programs, where there is one, and the user's, the oldest first. */
function allEntries(kept: KeptEntries, own: OwnPrograms): ActivatorEntry[] {
  return own === 'none' ? kept.entries : [ownEntry(own.elf, own.emulator, kept.own), ...kept.entries]
}

/** All entries of an environment, the oldest first. */
export const readEntries = async (paths: RoutingPaths, own: OwnPrograms) => allEntries(await readKept(paths), own)

/** What the entries are after changes. Throws `bad-entry` and `unknown-entry`. */
export function changedEntries(entries: readonly ActivatorEntry[], changes: readonly EntryChange[]): ActivatorEntry[] {
  for (const change of changes) {
    if (change.act === 'add') checkLinux(change.entry)
    if (change.act === 'add' && change.entry.name === OWN_NAME) {
      throw new XbuildError('bad-entry', `"${OWN_NAME}" is the name of the entry that runs an environment's own programs`, {
        hint: 'choose another name',
      })
    }
    if (change.act === 'remove' && change.name === OWN_NAME && entries.some(({name}) => name === OWN_NAME)) {
      throw new XbuildError('bad-entry', `entry "${OWN_NAME}" runs the environment's own programs`, {
        hint: `it can be disabled, not removed: xbuild-env activator disable ${OWN_NAME}`,
      })
    }
  }
  return changes.reduce(applyChange, [...entries])
}

/** Entries and table change together, or one after the other. */
async function whileChanging<T>(paths: RoutingPaths, change: () => Promise<T>): Promise<T> {
  const lock = await takeLock(`${paths.entries}.lock`, 'exclusive', 'yes')
  try {
    return await change()
  } finally {
    await lock?.release()
  }
}

/**
 * Changes the entries of an environment, or nothing; returns all. Sessions that run see it from their next exec on.
 */
export function changeEntries(
  store: Store,
  record: EnvironmentRecord,
  own: OwnPrograms,
  changes: readonly EntryChange[],
): Promise<ActivatorEntry[]> {
  const paths = store.environment(record.name)
  return whileChanging(paths, async () => {
    const entries = changedEntries(await readEntries(paths, own), changes)
    const directories = tableDirectories(paths, record.programs)
    const written = directories.map(directory => withEntries(readTable(directory), tableEntries(entries)))
    const ofOwn = entries.find(({name}) => name === OWN_NAME)
    const kept: KeptEntries = {format: FORMAT, own: ofOwn?.state ?? 'enabled', entries: entries.filter(entry => entry !== ofOwn)}
    await writeFileSafely(paths.entries, `${JSON.stringify(kept, null, 2)}\n`)
    for (const [i, bytes] of written.entries()) await writeFileSafely(join(directories[i] as string, TABLE_FILE), bytes)
    return entries
  })
}

/** For whoever writes the tables anew: nobody changes the entries meanwhile. */
export const whileEntriesStay = (paths: RoutingPaths, own: OwnPrograms, write: (entries: TableEntry[]) => Promise<void>): Promise<void> =>
  whileChanging(paths, async () => write(tableEntries(await readEntries(paths, own))))
