import {XbuildError} from '../errors.js'
import {BINFMT_D, SYSTEM_ACTIVATOR, SYSTEM_ENTRIES} from '../places.js'
import {type ActivatorEntry, applyChange, checkLinux, type EntryChange, escapeHashes, interpreterPath, interpreterWords} from './entry.js'
import {printBytes} from './entry-bytes.js'
import {type RegisteredEntry, recogniseTheSame, registerLine} from './registration.js'

/** An entry of the system's binfmt_misc that `activator --system` made. */
export interface SystemActivatorEntry extends ActivatorEntry {
  /** `for-good`: binfmt.d registers it whenever the host starts. */
  lasts: 'until-restart' | 'for-good'
}

/** `activator`: the program, as it is or with a table of the entries in it. */
export type FileContent = {text: string} | {activator: 'plain' | 'with-table'}

/** What a change comes to; each can be taken back. */
export type SystemStep =
  /** `content` undefined: the file goes. */
  | {act: 'write'; path: string; content: FileContent | undefined}
  | {act: 'register'; name: string; line: string}
  | {act: 'unregister'; name: string; line: string}

export interface SystemChange {
  entries: SystemActivatorEntry[]
  steps: SystemStep[]
}

/** binfmt_misc has no room for arguments: the activator, which reads them from its table, stands between. */
const needsActivator = (entry: ActivatorEntry) => interpreterWords(entry).length > 1

/** P, O and F are what the activator needs: argv[0], the opened program, and no set-user-id (C). */
function systemLine(entry: ActivatorEntry): string {
  const {name, offset, magic, mask = '', opened} = checkLinux(entry)
  const bytes = {name, offset, magic: printBytes(magic), mask: printBytes(mask)}
  if (needsActivator(entry)) return registerLine({...bytes, interpreter: SYSTEM_ACTIVATOR, flags: 'POF'})
  return registerLine({...bytes, interpreter: interpreterPath(entry), flags: opened === 'at-once' ? 'F' : ''})
}

const configuration = (name: string) => `${BINFMT_D}/xbuild-env-${name}.conf`

/** Whether what the kernel has under an entry's name is that entry, and not another tool's. */
const isRegistered = (entry: ActivatorEntry, present: readonly RegisteredEntry[]) =>
  present.some(
    ({name, magic, offset, interpreter}) =>
      name === entry.name &&
      magic === entry.magic &&
      offset === entry.offset &&
      interpreter === (needsActivator(entry) ? SYSTEM_ACTIVATOR : interpreterPath(entry)),
  )

/** The entries as they are: what the kernel has lost, with a restart, is disabled. */
export const presentEntries = (kept: readonly SystemActivatorEntry[], present: readonly RegisteredEntry[]): SystemActivatorEntry[] =>
  kept.map(entry => ({...entry, state: isRegistered(entry, present) ? 'enabled' : 'disabled'}))

/** An entry of another tool, as one of the activator's. */
export const foreignEntry = ({name, interpreter, magic, mask, offset, state, flags}: RegisteredEntry): ActivatorEntry => ({
  name,
  interpreter: escapeHashes(interpreter),
  magic,
  ...(/^(ff)*$/.test(mask) ? {} : {mask}),
  offset,
  state,
  opened: flags.includes('F') ? 'at-once' : 'for-each',
})

/** Refuses to touch what another tool made, and to take files away from it. */
function refuseForeign(change: EntryChange, kept: readonly SystemActivatorEntry[], present: readonly RegisteredEntry[]): void {
  const name = change.act === 'add' ? change.entry.name : change.name
  const foreign = present.filter(entry => !kept.some(own => own.name === entry.name && isRegistered(own, present)))
  const refuse = ({name: theirs, interpreter}: RegisteredEntry, why: string) =>
    new XbuildError('name-taken', `the entry "${theirs}" of another tool (${interpreter}) ${why}`, {
      hint: `it is left as it is; take it out yourself if nothing else needs it: update-binfmts --disable ${theirs}, or echo -1 > /proc/sys/fs/binfmt_misc/${theirs}`,
    })
  const same = foreign.find(entry => entry.name === name)
  if (same) throw refuse(same, 'has this name')
  const entry = change.act === 'add' ? change.entry : change.act === 'enable' ? kept.find(own => own.name === name) : undefined
  if (!entry || (change.act === 'add' && entry.state === 'disabled')) return
  const wanted = {...entry, mask: entry.mask ?? 'ff'.repeat(entry.magic.length / 2)}
  const rival = foreign.find(other => other.state === 'enabled' && recogniseTheSame(other, wanted))
  if (rival) throw refuse(rival, 'recognises such files already')
}

/**
 * What has to be done so that the system's entries are as they should be after changes. `kept`: those that were made
 * before; `present`: what the kernel has. Throws `name-taken`, `bad-entry` and `unknown-entry`.
 */
export function planSystemChange(
  kept: readonly SystemActivatorEntry[],
  present: readonly RegisteredEntry[],
  changes: readonly EntryChange[],
  lasts: SystemActivatorEntry['lasts'],
): SystemChange {
  const registered = presentEntries(kept, present)
  const before = kept.map((entry, i) => (entry.lasts === 'for-good' ? entry : (registered[i] as SystemActivatorEntry)))
  let entries: ActivatorEntry[] = before
  for (const change of changes) {
    refuseForeign(change, kept, present)
    entries = applyChange(entries, change)
    if (change.act === 'add') checkLinux(change.entry)
  }
  const after = entries.map(
    (entry): SystemActivatorEntry => ({...entry, lasts: before.find(({name}) => name === entry.name)?.lasts ?? lasts}),
  )
  const {unregister, register} = kernelSteps(kept, registered, after)
  return {entries: after, steps: [...unregister, ...fileSteps(kept, after), ...register, ...configurationSteps(kept, after)]}
}

const write = (path: string, content: FileContent | undefined): SystemStep => ({act: 'write', path, content})

/** Each file is there as long as an entry needs it. */
function fileSteps(kept: readonly ActivatorEntry[], after: readonly ActivatorEntry[]): SystemStep[] {
  const [needed, wasNeeded] = [after.some(needsActivator), kept.some(needsActivator)]
  return [
    ...(needed ? [write(SYSTEM_ACTIVATOR, {activator: 'with-table'})] : []),
    ...(wasNeeded && !needed ? [write(SYSTEM_ACTIVATOR, undefined)] : []),
    write(SYSTEM_ENTRIES, after.length > 0 ? {text: `${JSON.stringify(after, null, 2)}\n`} : undefined),
  ]
}

/**
 * The kernel holds the activator's file that was there at registration (flag F), and with it the table of the entries
 * `kept`, of which it may have lost some since.
 */
function kernelSteps(kept: readonly ActivatorEntry[], before: readonly ActivatorEntry[], after: readonly ActivatorEntry[]) {
  const enabled = (entries: readonly ActivatorEntry[]) => entries.filter(({state}) => state === 'enabled')
  const isSameTable = JSON.stringify(enabled(kept)) === JSON.stringify(enabled(after))
  const lines = (entries: readonly ActivatorEntry[]) => new Map(enabled(entries).map(entry => [entry.name, systemLine(entry)]))
  const [are, shall] = [lines(before), lines(after)]
  const isAsItWas = (name: string, line: string, than: Map<string, string>) =>
    than.get(name) === line && (isSameTable || !after.some(entry => entry.name === name && needsActivator(entry)))
  const differing = (from: Map<string, string>, than: Map<string, string>) =>
    [...from].filter(([name, line]) => !isAsItWas(name, line, than))
  return {
    unregister: differing(are, shall).map(([name, line]): SystemStep => ({act: 'unregister', name, line})),
    register: differing(shall, are).map(([name, line]): SystemStep => ({act: 'register', name, line})),
  }
}

function configurationSteps(kept: readonly SystemActivatorEntry[], after: readonly SystemActivatorEntry[]): SystemStep[] {
  const lasting = (entries: readonly SystemActivatorEntry[]) =>
    entries.filter(({lasts, state}) => lasts === 'for-good' && state === 'enabled')
  const [are, shall] = [lasting(kept), lasting(after)]
  const gone = are.filter(({name}) => !shall.some(entry => entry.name === name))
  const come = shall.filter(({name}) => !are.some(entry => entry.name === name))
  return [
    ...gone.map(({name}) => write(configuration(name), undefined)),
    ...come.map(entry => write(configuration(entry.name), {text: `# made by xbuild-env activator\n${systemLine(entry)}\n`})),
  ]
}
