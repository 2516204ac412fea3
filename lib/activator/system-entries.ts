import {constants} from 'node:fs'
import {chmod, copyFile, readFile, rename, rm, rmdir} from 'node:fs/promises'
import {dirname} from 'node:path'
import {interpreterPath} from '../core/entry.js'
import {XbuildError} from '../core/errors.js'
import {SYSTEM_ACTIVATOR, SYSTEM_ENTRIES} from '../core/places.js'
import type {EntryFacts} from '../core/stale-entries.js'
import type {SystemActivatorEntry, SystemChange, SystemStep} from '../core/system-entries.js'
import {explainFileError, isThere, makeDirectory, readFileIfThere, writeFileSafely} from '../host/files.js'
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
      hint: 'restore it, or move it away and register anew',
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
const tableOf = (entries: readonly SystemActivatorEntry[]) =>
  withEntries(encodeTable({interpreter: '', arguments: [], environment: [], preloads: [], locales: [], routes: []}), tableEntries(entries))

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
  content: string | undefined,
  entries: readonly SystemActivatorEntry[],
): Promise<() => Promise<void>> {
  const before = isThere(path) ? await readFile(path) : undefined
  if (content === 'activator') return copyActivator(path, before)
  await writeForAll(path, content === 'table' ? tableOf(entries) : content)
  return () => writeForAll(path, before)
}

/** A file that everybody can read, whatever root's umask; undefined: none, and no directory of ours that is empty. */
async function writeForAll(path: string, content: string | Buffer | undefined): Promise<void> {
  if (content === undefined) {
    await rm(path, {force: true})
    if (dirname(path) === dirname(SYSTEM_ENTRIES)) await rmdir(dirname(path)).catch(() => {}) // others are still in it
    return
  }
  await openDirectory(path)
  await writeFileSafely(path, content)
  await chmod(path, 0o644)
}

async function openDirectory(path: string): Promise<void> {
  if (isThere(dirname(path))) return
  await makeDirectory(dirname(path))
  await chmod(dirname(path), 0o755)
}

/** A copy that only root can change: the entry starts it as whoever runs a file. The same one is left as it is. */
async function copyActivator(path: string, before: Buffer | undefined): Promise<() => Promise<void>> {
  const source = shim('xbuild-activator')
  if (!isThere(source)) throw new XbuildError('missing-shims', `${source} is missing`, {hint: 'npm run build'})
  const nothing = async () => {}
  if (before?.equals(await readFile(source))) return nothing
  const beside = `${path}.new`
  try {
    await openDirectory(path)
    await copyFile(source, beside, constants.COPYFILE_FICLONE)
    await chmod(beside, 0o755)
    await rename(beside, path)
  } catch (error) {
    throw explainFileError(error, path)
  }
  return before === undefined ? () => rm(path, {force: true}) : nothing
}
