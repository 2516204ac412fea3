import {constants} from 'node:fs'
import {open, readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {isOwnEntry, judgeActivator, parseRegistered, type SystemEntry} from '../core/binfmt.js'
import {XbuildError} from '../core/errors.js'
import type {EntryFacts} from '../core/stale-entries.js'
import {isThere, readFileIfThere} from './files.js'
import {shim} from './shims.js'

/** Where the system's instance is mounted: https://docs.kernel.org/admin-guide/binfmt-misc.html */
export const SYSTEM_BINFMT = '/proc/sys/fs/binfmt_misc'

const MOUNT_COMMAND = `mount -t binfmt_misc binfmt_misc ${SYSTEM_BINFMT}`

/** Files of the instance that are no entries. */
const CONTROLS = ['register', 'status']

export const isSystemBinfmtMounted = () => isThere(join(SYSTEM_BINFMT, 'register'))

function requireMounted(): void {
  if (isSystemBinfmtMounted()) return
  throw new XbuildError('unsupported-host', "the system's binfmt_misc is not mounted", {hint: `as root: ${MOUNT_COMMAND}`})
}

function requireRoot(): void {
  if (process.geteuid?.() === 0) return
  throw new XbuildError('read-only', "only root may change the system's binfmt_misc", {
    hint: 'run the same command as root; --dry-run shows what it would do',
  })
}

/** All entries that go by magic; none where the system's binfmt_misc is not mounted. */
export async function readSystemEntries(): Promise<SystemEntry[]> {
  if (!isSystemBinfmtMounted()) return []
  const names = (await readdir(SYSTEM_BINFMT)).filter(name => !CONTROLS.includes(name)).sort()
  const entries = await Promise.all(names.map(readSystemEntry))
  return entries.filter(entry => entry !== undefined)
}

async function readSystemEntry(name: string): Promise<SystemEntry | undefined> {
  const path = join(SYSTEM_BINFMT, name)
  const entry = parseRegistered(name, (await readFileIfThere(path)) ?? '')
  if (!entry || !isOwnEntry(name)) return entry && {...entry, activator: undefined}
  const [registered, file] = await Promise.all([stat(path), stat(entry.interpreter).catch(() => undefined)])
  const facts = {registered: registered.mtimeMs, changed: file?.ctimeMs}
  return {...entry, activator: judgeActivator(entry, shim('xbuild-activator'), facts)}
}

/** All entries, with what is known of their interpreters. */
export async function readEntryFacts(): Promise<EntryFacts[]> {
  const entries = await readSystemEntries()
  return Promise.all(
    entries.map(async entry => {
      const [registered, file] = await Promise.all([stat(join(SYSTEM_BINFMT, entry.name)), stat(entry.interpreter).catch(() => undefined)])
      return {...entry, registered: registered.mtimeMs, changed: file?.ctimeMs}
    }),
  )
}

/** What is registered, for a command that goes on to change it. */
export async function openSystemEntries(): Promise<SystemEntry[]> {
  requireRoot()
  requireMounted()
  return readSystemEntries()
}

/** The kernel takes an entry, and a command to it, as one write. */
async function writeOnce(path: string, text: string): Promise<void> {
  const file = await open(path, constants.O_WRONLY)
  try {
    await file.write(text)
  } finally {
    await file.close()
  }
}

/** Registers an entry by its line (core/binfmt.ts, registerLine). */
export async function registerEntry(name: string, line: string): Promise<void> {
  const activator = shim('xbuild-activator')
  if (!isThere(activator)) throw new XbuildError('missing-shims', `${activator} is missing`, {hint: 'npm run build'})
  await writeOnce(join(SYSTEM_BINFMT, 'register'), line).catch(error => {
    throw new XbuildError('session-failed', `the kernel refused the entry ${name}: ${error instanceof Error ? error.message : error}`, {
      hint: `the line was: ${line}`,
      cause: error,
    })
  })
}

/** Takes an entry out: `-1` removes it, same page. */
export async function unregisterEntry(name: string): Promise<void> {
  await writeOnce(join(SYSTEM_BINFMT, name), '-1').catch(error => {
    throw new XbuildError('session-failed', `the kernel refused to take out ${name}: ${error instanceof Error ? error.message : error}`, {
      hint: `as root: echo -1 > ${join(SYSTEM_BINFMT, name)}`,
      cause: error,
    })
  })
}
