import {ownAsRoot, type RootAccess, scriptAsRoot} from '../as-root.js'
import {type RegisteredEntry, recogniseTheSame} from './registration.js'
import {isOwnEntry, SYSTEM_BINFMT, type SystemEntry, takeOutLine} from './system-profiles.js'

/** An entry of the system's binfmt_misc, and what is known of the file that it names. Times in ms since 1970. */
export interface EntryFacts extends SystemEntry {
  /** When it was registered. */
  registered: number
  /** When the interpreter's file was changed last; undefined: there is none. */
  changed: number | undefined
  /** Of an entry that starts the activator: the program that the activator becomes. */
  behind?: {interpreter: string; there: boolean}
}

/** One thing that is wrong, with whatever entries it is wrong with. */
export interface StaleEntries {
  names: readonly string[]
  what: string
  fix: string
}

/** Programs of another machine, which chroots of it and set-user-id programs are about; \x7fELF: System V ABI, chapter 4. */
const isForPrograms = ({magic}: RegisteredEntry) => magic.startsWith('7f454c46')

const isPinned = ({flags}: RegisteredEntry) => flags.includes('F')

interface Fault {
  has: (entry: EntryFacts) => boolean
  what: string
  fix: (entries: readonly EntryFacts[], access: RootAccess) => string
}

/** What can be wrong with an entry alone. */
const FAULTS: readonly Fault[] = [
  {
    has: entry => entry.changed === undefined && !isPinned(entry),
    what: 'the interpreter is gone',
    fix: takeOut,
  },
  {
    has: entry => entry.changed === undefined && isPinned(entry),
    what: 'the interpreter is gone, and the old file still runs',
    fix: takeOut,
  },
  {
    has: entry => isPinned(entry) && entry.changed !== undefined && entry.changed > entry.registered,
    what: 'the interpreter was replaced since, and flag F keeps the old file',
    fix: () => 'register it again',
  },
  {
    has: ({behind}) => behind?.there === false,
    what: 'the interpreter behind the activator is gone',
    fix: (entries, access) => entries.map(({name}) => ownAsRoot(access, ['activator', 'remove', name, '--system'])).join('; '),
  },
  {
    has: entry => isForPrograms(entry) && entry.behind !== undefined,
    what: 'programs in a chroot need the interpreter in the chroot, since it has arguments',
    fix: () => 'copy it there, or register a static program that needs none, with --pre-open',
  },
  {
    has: entry => isForPrograms(entry) && !isPinned(entry),
    what: 'without flag F, programs in a chroot do not find the interpreter',
    fix: () => 'register it again with flag F',
  },
  {
    has: entry => isForPrograms(entry) && !entry.flags.includes('C'),
    what: 'without flag C, set-user-id programs such as sudo have no more rights than their caller',
    fix: () => 'register it again with flag C',
  },
]

function takeOut(entries: readonly EntryFacts[], access: RootAccess): string {
  const [first] = entries
  if (first && entries.length === 1) return takeOutLine(access, first)
  const names = entries.map(({name}) => name).join(' ')
  return scriptAsRoot(access, `cd ${SYSTEM_BINFMT} && for entry in ${names}; do echo -1 > $entry; done`)
}

/** What does not do, or not any more, what whoever registered it meant. Entries are given newest first. */
export function findStale(entries: readonly EntryFacts[], access: RootAccess): StaleEntries[] {
  const enabled = entries.filter(({state}) => state === 'enabled')
  const alone = FAULTS.flatMap(({has, what, fix}) => {
    const having = enabled.filter(has)
    return having.length === 0 ? [] : [{names: having.map(({name}) => name), what, fix: fix(having, access)}]
  })
  return [...alone, ...findPairs(enabled, access)]
}

/** Rivals of a profile's entry are told where sessions need that: findTaker. */
const findPairs = (enabled: readonly EntryFacts[], access: RootAccess) =>
  othersOf(enabled).flatMap((newer, i, others) =>
    others
      .slice(i + 1)
      .filter(older => recogniseTheSame(newer, older))
      .map(older => ({
        names: [newer.name, older.name],
        what: `they recognise the same files, and ${newer.name} gets them, which is newer`,
        fix: `keep one of the two: ${takeOutLine(access, older)}`,
      })),
  )

const othersOf = (entries: readonly EntryFacts[]) => entries.filter(({name}) => !isOwnEntry(name))

/** So many names are told of a group. */
const NAMES_TOLD = 2

/** `a`, `a and b`, or `30 entries (a, b …)`. */
export const nameEntries = (names: readonly string[]) =>
  names.length <= NAMES_TOLD ? names.join(' and ') : `${names.length} entries (${names.slice(0, NAMES_TOLD).join(', ')} …)`
