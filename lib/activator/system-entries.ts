import {chmod, readFile, rm, rmdir} from 'node:fs/promises'
import {dirname} from 'node:path'
import {interpreterPath} from '../core/binfmt/entry.js'
import type {EntryFacts} from '../core/binfmt/stale-entries.js'
import type {FileContent, SystemActivatorEntry, SystemChange, SystemStep} from '../core/binfmt/system-entries.js'
import {XbuildError} from '../core/errors.js'
import {OWN_TABLE, OWN_TABLE_SIZE, SESSIONS_ACTIVATOR, SYSTEM_ACTIVATOR, SYSTEM_ENTRIES} from '../core/places.js'
import {NO_ROUTES} from '../core/twins/route.js'
import {isThere, makeDirectory, readFileIfThere, writeFileSafely} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {shim} from '../host/shims.js'
import {registerEntry, unregisterEntry} from '../host/system-binfmt.js'
import {encodeTable} from './table.js'
import {tableEntries, withEntries} from './table-entries.js'

/** The entries of the system that `activator --system` made, the oldest first. */
export async function readSystemActivator(): Promise<SystemActivatorEntry[]> {
  const text = await readFileIfThere(SYSTEM_ENTRIES)
  if (text === undefined) return []
  try {
    return JSON.parse(text) as SystemActivatorEntry[]
  } catch (error) {
    throw new XbuildError('bad-settings', `${SYSTEM_ENTRIES} cannot be read`, {
      hint: 'restore it, or move it away and register again',
      cause: error,
    })
  }
}

/** Adds what stands behind the activator, for the entries that go through it. */
export async function withInterpreters(entries: readonly EntryFacts[]): Promise<EntryFacts[]> {
  const kept = await readSystemActivator()
  return entries.map(entry => {
    const own = entry.interpreter === SYSTEM_ACTIVATOR && kept.find(({name}) => name === entry.name)
    return own ? {...entry, behind: {interpreter: interpreterPath(own), there: isThere(interpreterPath(own))}} : entry
  })
}

/** There are no routes outside of sessions. */
const tableOf = (entries: readonly SystemActivatorEntry[]) => withEntries(encodeTable(NO_ROUTES), tableEntries(entries))

/** Gone with a restart, as /run is: hier(7). */
const LOCK = '/run/lock/xbuild-env-activator'

/** Plans a change of the entries that there are, and makes it, while nobody else changes them. Returns all entries. */
export async function changeSystemEntries(plan: (kept: SystemActivatorEntry[]) => Promise<SystemChange>): Promise<SystemActivatorEntry[]> {
  const lock = await takeLock(LOCK, 'exclusive', 'yes')
  try {
    const change = await plan(await readSystemActivator())
    await makeChange(change)
    return change.entries
  } finally {
    await lock?.release()
  }
}

/** Does what a change comes to; what fails in the middle is taken back. */
async function makeChange({entries, steps}: SystemChange): Promise<void> {
  const undo: (() => Promise<void>)[] = []
  try {
    for (const step of steps) undo.push(await take(step, entries))
  } catch (error) {
    for (const back of undo.reverse()) await back().catch(() => {}) // the first error is the one to tell
    throw error
  }
}

/** Does one step. Returns what takes it back. */
async function take(step: SystemStep, entries: readonly SystemActivatorEntry[]): Promise<() => Promise<void>> {
  switch (step.act) {
    case 'register':
      await registerEntry(step.name, step.line)
      return () => unregisterEntry(step.name)
    case 'unregister':
      await unregisterEntry(step.name)
      return () => registerEntry(step.name, step.line)
    case 'write':
      return writeStep(step.path, step.content, entries)
  }
}

async function writeStep(
  path: string,
  content: FileContent | undefined,
  entries: readonly SystemActivatorEntry[],
): Promise<() => Promise<void>> {
  const before = isThere(path) ? await readFile(path) : undefined
  const mode = [SYSTEM_ACTIVATOR, SESSIONS_ACTIVATOR].includes(path) ? 0o755 : 0o644
  const wanted = content && (await fileContent(content, entries))
  // the kernel holds the file that was there at registration: replaced by its like, it would look stale
  if (wanted !== undefined && before?.equals(Buffer.from(wanted))) return async () => {}
  await writeForAll(path, wanted, mode)
  return () => writeForAll(path, before, mode)
}

async function fileContent(content: FileContent, entries: readonly SystemActivatorEntry[]): Promise<string | Buffer> {
  if ('text' in content) return content.text
  return content.activator === 'plain' ? readActivator() : activatorWith(tableOf(entries))
}

/** A file that everybody can read, whatever root's umask; undefined: none, and no directory of ours that is empty. */
async function writeForAll(path: string, content: string | Buffer | undefined, mode: number): Promise<void> {
  if (content === undefined) {
    await rm(path, {force: true})
    if (dirname(path) === dirname(SYSTEM_ENTRIES)) await rmdir(dirname(path)).catch(() => {}) // others are still in it
    return
  }
  await openDirectory(path)
  await writeFileSafely(path, content)
  await chmod(path, mode)
}

async function openDirectory(path: string): Promise<void> {
  if (isThere(dirname(path))) return
  await makeDirectory(dirname(path))
  await chmod(dirname(path), 0o755)
}

/** The activator as it was built. Only root can change its copies, since an entry starts them as whoever runs a file. */
async function readActivator(): Promise<Buffer> {
  const source = shim('xbuild-activator')
  const program = isThere(source) ? await readFile(source) : Buffer.alloc(0)
  if (program.includes(OWN_TABLE)) return program
  throw new XbuildError('missing-shims', `${source} is missing, or older than this xbuild-env`, {hint: 'npm run build'})
}

/** The same with a table of its own. */
async function activatorWith(table: Buffer): Promise<Buffer> {
  const program = await readActivator()
  if (table.length > OWN_TABLE_SIZE) {
    throw new XbuildError('bad-entry', `the system's entries have ${table.length} bytes together, and ${OWN_TABLE_SIZE} is the limit`, {
      hint: 'fewer or shorter arguments: a script can hold them',
    })
  }
  table.copy(program, program.indexOf(OWN_TABLE))
  return program
}
