import {activatorEntry} from '../activator/entry.js'
import {readProfile, readTargets} from '../config/profiles.js'
import {
  entryProfile,
  isOwnEntry,
  planRegister,
  planUnregister,
  recogniseTheSame,
  type SystemEntry,
  systemEntryName,
} from '../core/binfmt.js'
import {shellLine} from '../core/shell-words.js'
import {kernelHasPrivateBinfmt} from '../host/binfmt.js'
import {
  isSystemBinfmtMounted,
  openSystemEntries,
  readSystemEntries,
  registerEntry,
  SYSTEM_BINFMT,
  unregisterEntry,
} from '../host/system-binfmt.js'
import {note, print, printJson, table} from './output.js'

export interface SystemOptions {
  dryRun?: boolean
  json?: boolean
}

/** Registers the activator in the system's binfmt_misc: the only thing that xbuild-env ever changes of a host. */
export async function systemRegister(names: readonly string[], options: SystemOptions): Promise<number> {
  const profiles = await Promise.all([...new Set(names)].map(name => readProfile(name)))
  const wanted = profiles.map(({target}) => ({
    profile: target.name,
    entry: {...activatorEntry(target.elf), name: systemEntryName(target.name)},
  }))
  const steps = planRegister(wanted, options.dryRun ? await readSystemEntries() : await openSystemEntries())
  if (kernelHasPrivateBinfmt()) {
    note('xbuild-env: this kernel gives each session a binfmt_misc of its own: no entry of the system is needed')
  }
  for (const step of steps) {
    if (step.act === 'keep') {
      note(`${step.name} is registered already`)
    } else if (options.dryRun) {
      print(`${shellLine(['printf', '%s', step.line])} > ${SYSTEM_BINFMT}/register`)
    } else {
      await registerEntry(step.name, step.line)
      note(`registered ${step.name}, until the host restarts or "xbuild-env system unregister ${step.profile}"`)
    }
  }
  return 0
}

export async function systemUnregister(profiles: readonly string[], options: SystemOptions): Promise<number> {
  const names = planUnregister(profiles, options.dryRun ? await readSystemEntries() : await openSystemEntries())
  for (const name of names) {
    if (options.dryRun) {
      print(`echo -1 > ${SYSTEM_BINFMT}/${name}`)
    } else {
      await unregisterEntry(name)
      note(`took out ${name}`)
    }
  }
  if (names.length === 0) note('no entry is registered')
  return 0
}

interface ListedEntry extends SystemEntry {
  owner: 'xbuild-env' | 'other'
  /** Whose programs it takes. */
  profiles: string[]
}

export async function systemList(options: SystemOptions): Promise<number> {
  const listed = await listEntries()
  if (options.json) {
    printJson({mounted: isSystemBinfmtMounted(), entries: listed})
    return 0
  }
  if (!isSystemBinfmtMounted()) {
    note("the system's binfmt_misc is not mounted")
  } else if (listed.length === 0) {
    note("the system's binfmt_misc has no entry for any profile's programs")
  } else {
    const rows = listed.map(entry => [entry.name, entry.state, entry.profiles.join(', '), entry.interpreter, describeState(entry)])
    print(table([['ENTRY', 'STATE', 'PROFILES', 'INTERPRETER', 'ACTIVATOR'], ...rows]))
  }
  return 0
}

/** Ours, and others' that take programs of our profiles. */
async function listEntries(): Promise<ListedEntry[]> {
  const [targets, entries] = await Promise.all([readTargets(), readSystemEntries()])
  return entries.flatMap((entry): ListedEntry[] => {
    const taken = targets.filter(target => recogniseTheSame(entry, activatorEntry(target.elf))).map(target => target.name)
    if (isOwnEntry(entry.name)) return [{...entry, owner: 'xbuild-env', profiles: taken.length > 0 ? taken : [entryProfile(entry.name)]}]
    return taken.length > 0 ? [{...entry, owner: 'other', profiles: taken}] : []
  })
}

function describeState({activator}: ListedEntry): string {
  switch (activator) {
    case undefined:
      return "another tool's"
    case 'current':
      return 'up to date'
    case 'changed':
      return 'changed since: unregister, then register again'
    case 'gone':
      return 'its file is gone: unregister it'
    case 'other':
      return "another installation's"
  }
}
