import {readFile} from 'node:fs/promises'
import {basename} from 'node:path'
import {emulatorPath, readProfile} from '../config/profiles.js'
import {type ActivatorEntry, type EntryChange, findEntry, magicSize} from '../core/entry.js'
import {describeEntry, printBinmiscctl} from '../core/entry-binmiscctl.js'
import {parseEntries, printEntry} from '../core/entry-formats.js'
import type {EntryFormat} from '../core/entry-words.js'
import {XbuildError} from '../core/errors.js'
import {changedEntries, changeEntries, readEntries} from '../environment/entries.js'
import {openContext} from './context.js'
import {note, print, printJson} from './output.js'

export interface ActivatorOptions {
  env?: string
  json?: boolean
  dryRun?: boolean
  format?: EntryFormat
}

/** Somebody's entries. */
interface EntryTable {
  /** Whose, for messages. */
  owner: string
  /** The oldest first. */
  list: () => Promise<ActivatorEntry[]>
  /** Makes changes, all or none. */
  change: (changes: readonly EntryChange[]) => Promise<ActivatorEntry[]>
}

async function openTable(options: ActivatorOptions): Promise<EntryTable> {
  const {store, settings} = await openContext()
  const record = await store.read(await store.choose(options.env, settings.environment))
  const emulator = emulatorPath(await readProfile(record.profile, record.suite))
  return {
    owner: `environment ${record.name}`,
    list: () => readEntries(store.environment(record.name), record.elf, emulator),
    change: changes => changeEntries(store, record, emulator, changes),
  }
}

const asJson = (entry: ActivatorEntry) => ({...entry, size: magicSize(entry)})

export async function changeActivator(changes: readonly EntryChange[], options: ActivatorOptions): Promise<number> {
  if (options.format) return printChanges(changes, options.format)
  const table = await openTable(options)
  const entries = options.dryRun ? changedEntries(await table.list(), changes) : await table.change(changes)
  if (options.json) printJson(entries.map(asJson))
  else if (options.dryRun) for (const change of changes) print(describeChange(change, table.owner))
  else for (const change of changes) note(describeChange(change, table.owner))
  return 0
}

function describeChange(change: EntryChange, owner: string): string {
  if (change.act !== 'add') return `${change.act} ${change.name} in ${owner}`
  const {name, state} = change.entry
  return `add ${name} to ${owner}, ${state === 'enabled' ? 'enabled' : `disabled: xbuild-env activator enable ${name}`}`
}

function printChanges(changes: readonly EntryChange[], format: EntryFormat): number {
  for (const change of changes) {
    if (format === 'binmiscctl') print(printBinmiscctl(change))
    else if (change.act === 'add') print(printEntry(change.entry, format))
    else {
      throw new XbuildError('usage', `${format} has no words for "${change.act}"`, {hint: 'it knows entries only: add, lookup, list and import'})
    }
  }
  return 0
}

function show(entry: ActivatorEntry, format: EntryFormat | undefined): void {
  print(format ? printEntry(entry, format) : describeEntry(entry))
}

export async function lookUpEntry(name: string, options: ActivatorOptions): Promise<number> {
  const entry = findEntry(await (await openTable(options)).list(), name)
  if (options.json) printJson(asJson(entry))
  else show(entry, options.format)
  return 0
}

export async function listEntries(options: ActivatorOptions): Promise<number> {
  const entries = await (await openTable(options)).list()
  if (options.json) printJson(entries.map(asJson))
  else for (const entry of entries) show(entry, options.format)
  return 0
}

export async function importEntries(files: readonly string[], options: ActivatorOptions): Promise<number> {
  const texts = await Promise.all(files.map(readGiven))
  const changes = texts.flatMap((text, i) => parseEntries(text, basename(files[i] ?? '')))
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
