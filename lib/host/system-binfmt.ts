import {constants} from 'node:fs'
import {open, opendir, readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {asRoot, scriptAsRoot} from '../core/as-root.js'
import {parseRegistered, type RegisteredEntry} from '../core/binfmt/registration.js'
import type {EntryFacts} from '../core/binfmt/stale-entries.js'
import {
  configuredProfile,
  isOwnEntry,
  judgeActivator,
  MOUNT_COMMAND,
  SYSTEM_BINFMT,
  type SystemState,
} from '../core/binfmt/system-profiles.js'
import {XbuildError} from '../core/errors.js'
import {BINFMT_D} from '../core/places.js'
import {isThere, readFileIfThere} from './files.js'
import {rootAccess} from './root-access.js'
import {shim} from './shims.js'

/** Files of the instance that are no entries. */
const CONTROLS = ['register', 'status']

/** The kernel has the directory where it has binfmt_misc, also as a module that nobody has loaded yet (fs/file_table.c). */
export const kernelHasBinfmt = () => isThere(SYSTEM_BINFMT)

/** To ask is enough where systemd mounts it when somebody looks (proc-sys-fs-binfmt_misc.automount). */
export const isSystemBinfmtMounted = () => isThere(join(SYSTEM_BINFMT, 'register'))

function requireMounted(): void {
  if (isSystemBinfmtMounted()) return
  throw new XbuildError('unsupported-host', "the system's binfmt_misc is not mounted", {hint: asRoot(rootAccess(), MOUNT_COMMAND)})
}

function requireRoot(): void {
  if (process.geteuid?.() === 0) return
  throw new XbuildError('read-only', "only root may change the system's binfmt_misc", {
    hint: 'run the same command as root; --dry-run shows what it would do',
  })
}

/** What is registered, with all that is known of it; nothing where the system's binfmt_misc is not mounted. */
export async function readSystem(): Promise<SystemState & {entries: readonly EntryFacts[]}> {
  const persistent = (await readdir(BINFMT_D).catch(() => [])).flatMap(file => configuredProfile(file) ?? [])
  if (!isSystemBinfmtMounted()) return {instance: 'not-mounted', entries: [], persistent}
  const status = (await readFileIfThere(join(SYSTEM_BINFMT, 'status'))) ?? ''
  const entries = await Promise.all((await entryNames()).map(readSystemEntry))
  return {instance: status.startsWith('disabled') ? 'off' : 'on', entries: entries.filter(entry => entry !== undefined), persistent}
}

/**
 * In the directory's own order, which readdir of Node's would sort: the newest first, as the kernel looks for an entry. Both
 * lists get what is new at their head (d_alloc in fs/dcache.c, bm_register_write in fs/binfmt_misc.c).
 */
async function entryNames(): Promise<string[]> {
  const names: string[] = []
  for await (const {name} of await opendir(SYSTEM_BINFMT)) names.push(name)
  return names.filter(name => !CONTROLS.includes(name))
}

/** What update-binfmts keeps of an entry, to register it again: its manual, FILES. */
const BINFMT_SUPPORT = '/var/lib/binfmts'

async function readSystemEntry(name: string): Promise<EntryFacts | undefined> {
  const path = join(SYSTEM_BINFMT, name)
  const entry = parseRegistered(name, (await readFileIfThere(path)) ?? '')
  const there = await stat(path).catch(() => undefined)
  if (!entry || !there) return undefined // by extension, or taken out meanwhile
  const file = await stat(entry.interpreter).catch(() => undefined)
  const [registered, changed] = [there.mtimeMs, file?.ctimeMs]
  return {
    ...entry,
    registered,
    changed,
    origin: isThere(join(BINFMT_SUPPORT, name)) ? 'binfmt-support' : 'unknown',
    activator: isOwnEntry(name) ? await judgeOwn(entry, registered, changed) : undefined,
  }
}

async function judgeOwn(entry: RegisteredEntry, registered: number, changed: number | undefined) {
  const read = (path: string) => readFile(path).catch(() => undefined)
  const [file, own] = await Promise.all([read(entry.interpreter), read(shim('xbuild-activator'))])
  const facts = changed === undefined ? undefined : {changed, same: file !== undefined && own !== undefined && file.equals(own)}
  return judgeActivator(entry, {registered, file: facts})
}

/** What is registered, for a command that goes on to change it. */
export async function openSystem(): Promise<SystemState & {entries: readonly EntryFacts[]}> {
  requireRoot()
  requireMounted()
  return readSystem()
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

/** Registers an entry by its line (core/binfmt/registration.ts, registerLine). */
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
      hint: scriptAsRoot(rootAccess(), `echo -1 > ${join(SYSTEM_BINFMT, name)}`),
      cause: error,
    })
  })
}
