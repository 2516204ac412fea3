import {changeSystemEntries, readSystemActivator} from '../activator/system-entries.js'
import {emulatorPath, readEmulatedProfile} from '../config/profiles.js'
import type {ActivatorEntry, EntryChange} from '../core/binfmt/entry.js'
import {foreignEntry, planSystemChange, presentEntries, type SystemActivatorEntry} from '../core/binfmt/system-entries.js'
import {isOwnEntry} from '../core/binfmt/system-profiles.js'
import {changedEntries, changeEntries, type OwnPrograms, readEntries} from '../environment/entries.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {Tree} from '../host/beneath.js'
import {isBinfmtPrivate} from '../host/binfmt.js'
import {isThere} from '../host/files.js'
import {openSystem, readSystem} from '../host/system-binfmt.js'
import {openContext} from './context.js'
import {describeStep} from './system-steps.js'

export interface TableOptions {
  env?: string
  system?: boolean
  persist?: boolean
}

/** An entry, and in the system's binfmt_misc who made it and how long it lasts. */
export type ListedEntry = ActivatorEntry & {owner?: 'xbuild-env' | 'another tool'; lasts?: SystemActivatorEntry['lasts']}

/** Somebody's entries. */
export interface EntryTable {
  /** Whose, for messages. */
  owner: string
  /** Why an enabled entry may have no effect, and what gives it one. */
  caution?: string
  /** Whether there is a file at an absolute path where its interpreters are looked for. */
  hasFile: (path: string) => Promise<boolean>
  /** The oldest first. */
  list: () => Promise<ListedEntry[]>
  /** What changes would come to, as lines, and the entries after them. */
  preview: (changes: readonly EntryChange[]) => Promise<{lines: string[]; entries: ActivatorEntry[]}>
  /** Makes changes, all or none. */
  change: (changes: readonly EntryChange[]) => Promise<ActivatorEntry[]>
}

/** Sessions see the system's entries then, whose interpreters are looked for in the session's root. */
const SYSTEMS_BINFMT =
  "sessions use the system's binfmt_misc here, which knows no entry of an environment: the same as root, with --system in place of --env, makes it hold in them, and outside"

export const openTable = async (options: TableOptions): Promise<EntryTable> =>
  options.system ? systemTable(options) : environmentTable(options.env)

async function environmentTable(name: string | undefined): Promise<EntryTable> {
  const {store, settings} = await openContext()
  const record = await store.read(await store.choose(name, settings.environment))
  const own = await ownPrograms(record)
  const list = () => readEntries(store.environment(record.name), own)
  const owner = `environment ${record.name}`
  return {
    owner,
    ...(isBinfmtPrivate(settings.binfmt) ? {} : {caution: SYSTEMS_BINFMT}),
    hasFile: async path =>
      new Tree([store.environment(record.name).upper, ...store.lowerLayers(record)], 'within').status(path).kind === 'found',
    list,
    preview: async changes => ({
      entries: changedEntries(await list(), changes),
      lines: changes.map(change => `${change.act} ${change.act === 'add' ? change.entry.name : change.name} in ${owner}`),
    }),
    change: changes => changeEntries(store, record, own, changes),
  }
}

async function ownPrograms(record: EnvironmentRecord): Promise<OwnPrograms> {
  switch (record.programs) {
    case 'emulated':
      return {elf: record.elf, emulator: emulatorPath(await readEmulatedProfile(record.profile, record.suite))}
    case 'native':
      return 'none'
  }
}

function systemTable({persist}: TableOptions): EntryTable {
  const lasts = persist ? 'for-good' : 'until-restart'
  return {
    owner: 'the system',
    hasFile: async path => isThere(path),
    list: async () => {
      const present = (await readSystem()).entries.toReversed()
      const own = presentEntries(await readSystemActivator(), present)
      const others = present.filter(({name}) => !own.some(entry => entry.name === name && entry.state === 'enabled'))
      return [
        ...others.map((entry): ListedEntry => ({...foreignEntry(entry), owner: isOwnEntry(entry.name) ? 'xbuild-env' : 'another tool'})),
        ...own.map((entry): ListedEntry => ({...entry, owner: 'xbuild-env'})),
      ]
    },
    preview: async changes => {
      const {entries, steps} = planSystemChange(await readSystemActivator(), (await readSystem()).entries, changes, lasts)
      return {entries, lines: steps.map(describeStep)}
    },
    change: async changes => {
      const {entries: present} = await openSystem()
      return changeSystemEntries(async kept => planSystemChange(kept, present, changes, lasts))
    },
  }
}
