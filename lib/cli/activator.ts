import {readFile} from 'node:fs/promises'
import {basename} from 'node:path'
import {readEmulatedProfile} from '../config/profiles.js'
import {type ActivatorEntry, type EntryChange, findEntry, magicSize} from '../core/binfmt/entry.js'
import {type AddOptions, binmiscctlArguments, describeEntry, entryOf, printBinmiscctl} from '../core/binfmt/entry-binmiscctl.js'
import {printBytes} from '../core/binfmt/entry-bytes.js'
import {parseEntries, passedOverIn, printEntry} from '../core/binfmt/entry-formats.js'
import type {EntryFormat} from '../core/binfmt/entry-words.js'
import {XbuildError} from '../core/errors.js'
import {type ListedEntry, openTable, type TableOptions} from './activator-tables.js'
import {printAs} from './json.js'
import {note, print} from './output.js'

export interface ActivatorOptions extends TableOptions {
  json?: boolean
  dryRun?: boolean
  format?: EntryFormat
}

const asJson = (entry: ActivatorEntry) => ({...entry, size: magicSize(entry)})

/** FreeBSD has the original: it is told what to do. */
const isFreeBSD = ({system}: ActivatorOptions) => system === true && process.platform === 'freebsd'

async function callBinmiscctl(args: readonly string[]): Promise<void> {
  const {run} = await import('../host/run.js')
  const {exitCode, stdout, stderr} = await run('binmiscctl', [...args])
  if (exitCode !== 0)
    throw new XbuildError('unsupported-host', `binmiscctl: ${stderr.trim()}`, {hint: `it was called so: binmiscctl ${args.join(' ')}`})
  if (stdout !== '') print(stdout.trimEnd())
}

export async function changeActivator(changes: readonly EntryChange[], options: ActivatorOptions): Promise<number> {
  if (options.persist && !options.system)
    throw new XbuildError('usage', '--persist goes with --system', {hint: 'entries of an environment are kept with it'})
  checkOneFormat(options)
  if (options.format) return printChanges(changes, options.format)
  if (isFreeBSD(options)) {
    if (options.dryRun) return printChanges(changes, 'binmiscctl')
    for (const change of changes) await callBinmiscctl(binmiscctlArguments(change))
    return 0
  }
  const table = await openTable(options)
  if (options.dryRun) {
    const {lines, entries} = await table.preview(changes)
    if (options.json) printAs('activator', entries.map(asJson))
    else for (const line of lines) print(line)
    return 0
  }
  const entries = await table.change(changes)
  if (options.json) printAs('activator', entries.map(asJson))
  else for (const change of changes) note(describeChange(change, table.owner))
  if (table.caution && changes.some(enables)) note(table.caution)
  return 0
}

function checkOneFormat({json, format}: ActivatorOptions): void {
  if (!json || format === undefined) return
  throw new XbuildError('usage', `--json and --format ${format} say in two ways how it is printed`, {hint: 'leave one of the two out'})
}

const enables = (change: EntryChange) => (change.act === 'add' ? change.entry.state === 'enabled' : change.act === 'enable')

function describeChange(change: EntryChange, owner: string): string {
  switch (change.act) {
    case 'add': {
      const {name, state} = change.entry
      return `added ${name} to ${owner}, ${state === 'enabled' ? 'enabled' : `disabled: enable it with "xbuild-env activator enable ${name}"`}`
    }
    case 'enable':
    case 'disable':
      return `${change.act}d ${change.name} in ${owner}`
    case 'remove':
      return `took ${change.name} out of ${owner}`
  }
}

function printChanges(changes: readonly EntryChange[], format: EntryFormat): number {
  for (const change of changes) {
    if (format === 'binmiscctl') print(printBinmiscctl(change))
    else if (change.act === 'add') print(printEntry(change.entry, format))
    else
      throw new XbuildError('usage', `${format} has no words for "${change.act}"`, {
        hint: 'it knows entries only: add, lookup, list and import',
      })
  }
  return 0
}

export async function addEntry(name: string, options: AddOptions & ActivatorOptions & {profile?: string}): Promise<number> {
  const {profile, ...given} = options
  const entry = entryOf(name, profile === undefined ? given : {...(await profileOptions(profile, options)), ...given})
  return changeActivator([{act: 'add', entry}], options)
}

/** Where the emulator is installed from a package: FreeBSD's qemu-user-static, and Debian's. */
const EMULATOR_DIRECTORY = {freebsd: '/usr/local/bin', linux: '/usr/bin'} as const

async function profileOptions(name: string, options: ActivatorOptions): Promise<AddOptions> {
  const {target} = await readEmulatedProfile(name)
  const directory = EMULATOR_DIRECTORY[options.format === 'binmiscctl' || isFreeBSD(options) ? 'freebsd' : 'linux']
  return {
    interpreter: [`${directory}/${target.qemu.program}-static`, ...target.qemu.arguments].join(' '),
    magic: printBytes(target.elf.magic),
    mask: printBytes(target.elf.mask),
    size: String(magicSize(target.elf)),
  }
}

function show(entry: ListedEntry, format: EntryFormat | undefined): void {
  if (format) print(printEntry(entry, format))
  else print(entry.owner === 'another tool' ? `${describeEntry(entry)}owner: another tool\n` : describeEntry(entry))
}

export async function lookUpEntry(name: string, options: ActivatorOptions): Promise<number> {
  checkOneFormat(options)
  if (isFreeBSD(options)) return callBinmiscctl(['lookup', name]).then(() => 0)
  const entry = findEntry(await (await openTable(options)).list(), name)
  if (options.json) printAs('activator lookup', asJson(entry))
  else show(entry, options.format)
  return 0
}

export async function listEntries(options: ActivatorOptions): Promise<number> {
  checkOneFormat(options)
  if (isFreeBSD(options)) return callBinmiscctl(['list']).then(() => 0)
  const oldestFirst = await (await openTable(options)).list()
  const entries = options.format ? oldestFirst : oldestFirst.toReversed() // what makes them anew makes them in their order
  if (options.json) printAs('activator', entries.map(asJson))
  else for (const entry of entries) show(entry, options.format)
  return 0
}

/** The changes that files ask for. */
export async function importEntries(files: readonly string[], options: ActivatorOptions): Promise<number> {
  const texts = await Promise.all(files.map(readGiven))
  const changes = texts.flatMap((text, i) => parseEntries(text, basename(files[i] ?? '')))
  for (const line of texts.flatMap(passedOverIn)) note(`passed over: ${line}: FreeBSD needs it, this does not`)
  if (changes.length === 0) throw new XbuildError('bad-entry', `${files.join(', ')}: no entry`, {hint: 'name files that have some'})
  return changeActivator(changes, options)
}

const readGiven = (file: string) =>
  readFile(file, 'utf8').catch(error => {
    throw new XbuildError('usage', `${file} cannot be read: ${error instanceof Error ? error.message : error}`, {
      hint: 'name a file that you may read',
      cause: error,
    })
  })
