import {XbuildError} from '../errors.js'
import {nearest} from '../nearest.js'

/**
 * An entry of the activator: by what a file is recognised, and what it is handed to. FreeBSD's binmiscctl(8) has the
 * same fields; its limits are those of sys/sys/imgact_binmisc.h and sys/kern/imgact_binmisc.c.
 */
export interface ActivatorEntry {
  name: string
  /** Absolute path and arguments, separated by blanks; `#a` stands for the program's old argv[0], `##` for `#`. */
  interpreter: string
  /** In hexadecimal. */
  magic: string
  /** As long as the magic; without one, every bit counts. */
  mask?: string
  /** Where in the file the magic is, bytes. */
  offset: number
  state: 'enabled' | 'disabled'
  /** When the interpreter is opened: for each program, or once for all, so that it is there in chroots too. */
  opened: 'for-each' | 'at-once'
}

/** What can be done to a set of entries. */
export type EntryChange = {act: 'add'; entry: ActivatorEntry} | {act: 'enable' | 'disable' | 'remove'; name: string}

/** IBE_NAME_MAX is 32, with a NUL. */
const FREEBSD_NAME_BYTES = 31
/** IBE_MAGIC_MAX */
const FREEBSD_MAGIC_BYTES = 256
/** IBE_INTERP_LEN_MAX, MAXPATHLEN + IBE_ARG_LEN_MAX, is 1024 + 256, with a NUL. */
const FREEBSD_INTERPRETER_BYTES = 1279
/** IBE_MAX_ENTRIES */
const FREEBSD_ENTRIES = 64
/** The first page of a file is all that an image activator sees: exec_map_first_page in sys/kern/kern_exec.c. */
const FREEBSD_HEADER_BYTES = 4096

/** Linux looks at so much of a file: https://docs.kernel.org/admin-guide/binfmt-misc.html */
const LINUX_HEADER_BYTES = 128

/** Files of binfmt_misc itself, and names that no file can have: same page. */
const LINUX_RESERVED_NAMES = ['register', 'status', '.', '..']

export const magicSize = ({magic}: Pick<ActivatorEntry, 'magic'>) => magic.length / 2

/** The interpreter's path, and its arguments, as FreeBSD parts them. */
export const interpreterWords = ({interpreter}: Pick<ActivatorEntry, 'interpreter'>) => interpreter.split(/[ \t]+/).filter(Boolean)

/** A path as a word of an interpreter. */
export const escapeHashes = (path: string) => path.replaceAll('#', '##')

/** The interpreter's path without escapes. */
export const interpreterPath = (entry: Pick<ActivatorEntry, 'interpreter'>) => (interpreterWords(entry)[0] ?? '').replaceAll('##', '#')

const limit = (system: 'FreeBSD' | 'Linux', what: string) => `${system} allows ${what}`

/**
 * The entry itself, if FreeBSD would take it. Throws `bad-entry`, naming the limit.
 */
export function checkEntry(entry: ActivatorEntry): ActivatorEntry {
  const refuse = (why: string, hint: string) => new XbuildError('bad-entry', `entry "${entry.name}": ${why}`, {hint})
  if (!/^[!-~]+$/.test(entry.name)) throw refuse('its name is empty, or has blanks or letters beyond ASCII', 'choose another name')
  if (entry.name.length > FREEBSD_NAME_BYTES) {
    throw refuse(`its name has ${entry.name.length} bytes`, limit('FreeBSD', `names of at most ${FREEBSD_NAME_BYTES} bytes`))
  }
  checkInterpreter(entry.interpreter, refuse)
  if (!/^([0-9a-f]{2})+$/.test(entry.magic))
    throw refuse('it has no magic', 'say by which bytes a file is recognised: --magic BYTES --size N')
  const size = magicSize(entry)
  if (size > FREEBSD_MAGIC_BYTES)
    throw refuse(`its magic has ${size} bytes`, limit('FreeBSD', `magics of at most ${FREEBSD_MAGIC_BYTES} bytes`))
  if (entry.mask !== undefined && !/^([0-9a-f]{2})*$/.test(entry.mask)) throw refuse('its mask is not in bytes', 'as many as the magic has')
  if (entry.mask !== undefined && entry.mask.length !== entry.magic.length) {
    throw refuse(`its mask has ${entry.mask.length / 2} bytes, its magic ${size}`, 'give as many bytes for both')
  }
  if (!Number.isInteger(entry.offset) || entry.offset < 0)
    throw refuse('its offset is not a number from 0 on', 'count bytes from the start of the file')
  if (entry.offset + size > FREEBSD_HEADER_BYTES) {
    throw refuse(
      `its magic ends at byte ${entry.offset + size}`,
      limit('FreeBSD', `magics in the first ${FREEBSD_HEADER_BYTES} bytes of a file`),
    )
  }
  return entry
}

function checkInterpreter(interpreter: string, refuse: (why: string, hint: string) => XbuildError): void {
  if (!/^[ -~\t]+$/.test(interpreter)) throw refuse('its interpreter is empty, or has characters beyond ASCII', 'FreeBSD allows ASCII only')
  if (!interpreter.startsWith('/')) throw refuse(`its interpreter "${interpreter}" is not an absolute path`, 'begin it with a slash')
  if (interpreter.length > FREEBSD_INTERPRETER_BYTES) {
    throw refuse(
      `its interpreter has ${interpreter.length} bytes with arguments`,
      limit('FreeBSD', `at most ${FREEBSD_INTERPRETER_BYTES}, 1024 + 256 with a NUL`),
    )
  }
  const wrong = /#[^a#]|#$/.exec(interpreter.replace(/##|#a/g, ''))
  if (wrong) throw refuse(`its interpreter has "${wrong[0]}"`, '#a stands for the old argv[0], ## for #; FreeBSD allows no other')
  if (/^[^ \t]*#a/.test(interpreter.replaceAll('##', ''))) {
    throw refuse('its interpreter has #a in its path', 'the old argv[0] can stand in arguments only: whoever runs a program chooses it')
  }
}

/** Throws `bad-entry` for what FreeBSD would take, but not Linux, whose binfmt_misc recognises the file. */
export function checkLinux(entry: ActivatorEntry): ActivatorEntry {
  const refuse = (why: string, hint: string) => new XbuildError('bad-entry', `entry "${entry.name}": ${why}`, {hint})
  if (entry.name.includes('/') || LINUX_RESERVED_NAMES.includes(entry.name)) {
    throw refuse("Linux's binfmt_misc cannot have an entry of this name", 'choose another name: it is the name of a file there')
  }
  const end = entry.offset + magicSize(entry)
  if (end > LINUX_HEADER_BYTES)
    throw refuse(`its magic ends at byte ${end}`, limit('Linux', `magics in the first ${LINUX_HEADER_BYTES} bytes of a file`))
  return entry
}

/** The entry of an environment's own programs, which FreeBSD has none of: it does not count. */
export const OWN_NAME = 'xbuild-env'

/** The entries, the oldest first, as they are after a change. Throws `bad-entry` and `unknown-entry`. */
export function applyChange(entries: readonly ActivatorEntry[], change: EntryChange): ActivatorEntry[] {
  if (change.act === 'add') return addEntry(entries, change.entry)
  const {name, act} = change
  findEntry(entries, name)
  if (act === 'remove') return entries.filter(entry => entry.name !== name)
  return entries.map(entry => (entry.name === name ? {...entry, state: `${act}d` as const} : entry))
}

function addEntry(entries: readonly ActivatorEntry[], entry: ActivatorEntry): ActivatorEntry[] {
  if (entries.some(({name}) => name === entry.name)) {
    throw new XbuildError('bad-entry', `entry "${entry.name}" already exists`, {
      hint: `take it out first: xbuild-env activator remove ${entry.name}`,
    })
  }
  if (entries.filter(({name}) => name !== OWN_NAME).length === FREEBSD_ENTRIES) {
    throw new XbuildError('bad-entry', `there are ${FREEBSD_ENTRIES} entries already`, {
      hint: `${limit('FreeBSD', `no more than ${FREEBSD_ENTRIES}`)}: take one out first`,
    })
  }
  return [...entries, checkEntry(entry)]
}

/** Throws `unknown-entry`. */
export function findEntry<T extends {name: string}>(entries: readonly T[], name: string): T {
  const found = entries.find(entry => entry.name === name)
  if (found) return found
  const names = entries.map(entry => entry.name)
  const near = nearest(name, names)
  throw new XbuildError('unknown-entry', `there is no entry "${name}"`, {
    hint: near ? `did you mean ${near}?` : names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none at all',
  })
}
