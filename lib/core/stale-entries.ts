import {type RegisteredEntry, recogniseTheSame} from './binfmt.js'

/** An entry of the system's binfmt_misc, and what is known of the file that it names. Times in ms since 1970. */
export interface EntryFacts extends RegisteredEntry {
  /** When it was registered. */
  registered: number
  /** When the interpreter's file was changed last; undefined: there is none. */
  changed: number | undefined
  /** Of an entry that starts the activator: the program that the activator becomes. */
  behind?: {interpreter: string; there: boolean}
}

interface StaleEntry {
  name: string
  /** What is wrong with it. */
  what: string
  fix: string
}

const TAKE_OUT = (name: string) => `as root: echo -1 > /proc/sys/fs/binfmt_misc/${name}`

/** Programs of another machine, which chroots of it and set-user-id programs are about; \x7fELF: System V ABI, chapter 4. */
const isForPrograms = ({magic}: RegisteredEntry) => magic.startsWith('7f454c46')

function judge(entry: EntryFacts): StaleEntry[] {
  const {name, interpreter, flags, registered, changed, behind} = entry
  const found: StaleEntry[] = []
  const tell = (what: string, fix: string) => found.push({name, what, fix})
  const pinned = flags.includes('F')
  if (changed === undefined) tell(`its interpreter ${interpreter} is gone${pinned ? ', and the old file still runs' : ''}`, TAKE_OUT(name))
  else if (pinned && changed > registered) tell(`${interpreter} was replaced since, and flag F keeps the old file`, 'register it anew')
  if (behind?.there === false) tell(`its interpreter ${behind.interpreter} is gone`, `xbuild-env activator remove ${name} --system`)
  if (!isForPrograms(entry)) return found
  if (behind)
    tell(
      `programs in a chroot need ${behind.interpreter} in the chroot, since it has arguments`,
      'copy it there, or register a static program that needs none, with --pre-open',
    )
  if (!pinned) tell('without flag F, programs in a chroot do not find the interpreter', 'register it anew with flag F')
  if (!flags.includes('C'))
    tell('without flag C, set-user-id programs such as sudo have no more rights than their caller', 'register it anew with flag C')
  return found
}

/** What does not do, or not any more, what whoever registered it meant. */
export function findStale(entries: readonly EntryFacts[]): StaleEntry[] {
  const enabled = entries.filter(({state}) => state === 'enabled')
  const pairs = enabled.flatMap((one, i) =>
    enabled
      .slice(i + 1)
      .flatMap(other => (recogniseTheSame(one, other) ? [{name: one.name, what: `it and ${other.name} recognise the same files`}] : [])),
  )
  return [...enabled.flatMap(judge), ...pairs.map(pair => ({...pair, fix: `keep one of the two; ${TAKE_OUT(pair.name)}`}))]
}
