import {activatorEntry} from '../activator/entry.js'
import {changeSystemEntries} from '../activator/system-entries.js'
import {readEmulatedProfile, readTargets} from '../config/profiles.js'
import {ownAsRoot} from '../core/as-root.js'
import {takesFilesOf} from '../core/binfmt/registration.js'
import {
  entryProfile,
  isOwnEntry,
  planRegister,
  planUnregister,
  type RegisterStep,
  type SystemEntry,
  systemEntryName,
} from '../core/binfmt/system-profiles.js'
import {isBinfmtPrivate, kernelHasPrivateBinfmt} from '../host/binfmt.js'
import {rootAccess} from '../host/root-access.js'
import {isSystemBinfmtMounted, openSystem, readSystem} from '../host/system-binfmt.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {note, print, table} from './output.js'
import {describeStep} from './system-steps.js'

export interface SystemOptions {
  dryRun?: boolean
  json?: boolean
  persist?: boolean
}

/** Registers the activator in the system's binfmt_misc: the only thing that xbuild-env ever changes of a host. */
export async function systemRegister(names: readonly string[], options: SystemOptions): Promise<number> {
  const found = await Promise.all([...new Set(names)].map(name => readEmulatedProfile(name)))
  const wanted = found.map(({target}) => ({
    profile: target.name,
    entry: {...activatorEntry(target.elf), name: systemEntryName(target.name)},
  }))
  const lasts = options.persist ? 'for-good' : 'until-restart'
  const state = await (options.dryRun ? readSystem() : openSystem())
  const {profiles, steps} = planRegister(wanted, state, lasts, rootAccess())
  if (kernelHasPrivateBinfmt()) {
    note('xbuild-env: this kernel gives each session a binfmt_misc of its own: no entry of the system is needed')
  }
  if (options.dryRun) for (const step of steps) print(describeStep(step))
  else await changeSystemEntries(async entries => ({entries, steps}))
  for (const step of profiles)
    if (!options.dryRun || step.act === 'keep') note(describeRegistered(step, options.persist || state.persistent.includes(step.profile)))
  return 0
}

const REGISTERED: Record<RegisterStep['act'], string> = {keep: 'is registered already', register: 'registered', renew: 'registered anew'}

function describeRegistered({profile, name, act}: RegisterStep, isPersistent: boolean): string {
  const done = act === 'keep' ? `${name} ${REGISTERED.keep}` : `${REGISTERED[act]} ${name}`
  const lasting = isPersistent ? 'also after a restart' : 'until the host restarts (with --persist, for good)'
  return `${done}, ${lasting}; to take it out: ${ownAsRoot(rootAccess(), ['system', 'unregister', profile])}`
}

export async function systemUnregister(names: readonly string[], options: SystemOptions): Promise<number> {
  const {profiles, steps} = planUnregister(names, await (options.dryRun ? readSystem() : openSystem()))
  if (options.dryRun) {
    for (const step of steps) print(describeStep(step))
  } else {
    await changeSystemEntries(async entries => ({entries, steps}))
    for (const profile of profiles) note(`took out ${systemEntryName(profile)}`)
  }
  if (profiles.length === 0) note('no entry is registered')
  return 0
}

interface ListedEntry extends SystemEntry {
  owner: 'xbuild-env' | 'other'
  /** Whose programs it takes. */
  profiles: string[]
}

export async function systemList(options: SystemOptions): Promise<number> {
  const {settings} = await openContext()
  const listed = await listEntries()
  if (options.json) {
    printAs('system list', {
      sessions: isBinfmtPrivate(settings.binfmt) ? 'private' : 'system',
      mounted: isSystemBinfmtMounted(),
      entries: listed,
    })
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
  const [targets, {entries}] = await Promise.all([readTargets(), readSystem()])
  return entries.flatMap((entry): ListedEntry[] => {
    const taken = targets.filter(target => takesFilesOf(entry, activatorEntry(target.elf))).map(target => target.name)
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
      return "another version's: register it again"
    case 'gone':
      return 'its file is gone: register it again'
    case 'other':
      return 'another program: register it again'
  }
}
