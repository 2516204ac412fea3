import {XbuildError} from './errors.js'
import type {BinfmtEntry} from './plan.js'

/**
 * Entries of the system's binfmt_misc, for kernels that cannot give each session an instance of its own.
 * https://docs.kernel.org/admin-guide/binfmt-misc.html
 */

/** The longest line that `register` takes, in bytes: same page, "the register string may not exceed 1920 characters". */
export const MAX_REGISTER_BYTES = 1920

/** The magic must lie within the first 128 bytes of a file, and an interpreter's path may have 127: same page. */
const MAX_MAGIC_END = 128
const MAX_INTERPRETER_BYTES = 127

/** Any character may separate the fields, as long as it is in none of them: same page. A line of binfmt.d(5) that begins
 * with `#` or `;` is a comment. */
const SEPARATORS = [':', '|', ',', '%', '!', '=']

/** The names of xbuild-env's own entries begin so. */
const OWN_PREFIX = 'xbuild-env-'

export const systemEntryName = (profile: string) => `${OWN_PREFIX}${profile}`
export const isOwnEntry = (name: string) => name.startsWith(OWN_PREFIX)
export const entryProfile = (name: string) => name.slice(OWN_PREFIX.length)

/** The line that registers an entry. */
export function registerLine(entry: BinfmtEntry): string {
  const refuse = (why: string, hint: string) => new XbuildError('unsupported-host', `${entry.name} cannot be registered: ${why}`, {hint})
  const path = entry.interpreter
  if (Buffer.byteLength(path) > MAX_INTERPRETER_BYTES) {
    throw refuse(
      `the path of its interpreter is longer than ${MAX_INTERPRETER_BYTES} bytes: ${path}`,
      'Linux allows no more: use a shorter path',
    )
  }
  if (/[\n\0]/.test(path)) throw refuse('the path of its interpreter has a line break', 'use another path')
  if (entry.offset + bytes(entry.magic).length > MAX_MAGIC_END)
    throw refuse('its magic lies too far behind', `Linux looks at the first ${MAX_MAGIC_END} bytes of a file`)
  const fields = [entry.name, 'M', String(entry.offset), entry.magic, entry.mask, path, entry.flags]
  const separator = SEPARATORS.find(candidate => !fields.some(field => field.includes(candidate)))
  if (separator === undefined) throw refuse(`the path of its interpreter has all of ${SEPARATORS.join(' ')}`, 'use another path')
  const line = separator + fields.join(separator)
  if (Buffer.byteLength(line) > MAX_REGISTER_BYTES)
    throw refuse(`its line is longer than ${MAX_REGISTER_BYTES} bytes`, 'Linux allows no more: use a shorter magic')
  return line
}

/** An entry as the kernel shows it, of those that go by magic. Bytes in hexadecimal. */
export interface RegisteredEntry {
  name: string
  state: 'enabled' | 'disabled'
  interpreter: string
  flags: string
  offset: number
  magic: string
  /** As long as the magic. */
  mask: string
}

/** Reads /proc/sys/fs/binfmt_misc/NAME; undefined for an entry that goes by the file's extension. */
export function parseRegistered(name: string, text: string): RegisteredEntry | undefined {
  const value = (key: string) => new RegExp(`^${key}:? ?(.*)$`, 'm').exec(text)?.[1]
  const [magic, interpreter] = [value('magic'), value('interpreter')]
  if (magic === undefined || interpreter === undefined) return undefined
  return {
    name,
    state: text.startsWith('enabled') ? 'enabled' : 'disabled',
    interpreter,
    flags: value('flags') ?? '',
    offset: Number(value('offset') ?? 0),
    magic,
    mask: value('mask') ?? 'ff'.repeat(magic.length / 2),
  }
}

/** `\x7f…` as in a BinfmtEntry, or plain hexadecimal as the kernel shows it. */
const bytes = (text: string) => Buffer.from(text.replaceAll('\\x', ''), 'hex')

type Recognition = Pick<BinfmtEntry, 'offset' | 'magic' | 'mask'>

/** Whether one file can be recognised by both: where both look at a bit, both want the same. */
export function recogniseTheSame(a: Recognition, b: Recognition): boolean {
  const decided = (entry: Recognition) => {
    const [magic, mask] = [bytes(entry.magic), bytes(entry.mask)]
    return new Map([...magic].map((byte, i) => [entry.offset + i, {byte, mask: mask[i] ?? 0xff}]))
  }
  const other = decided(b)
  return [...decided(a)].every(([at, {byte, mask}]) => {
    const theirs = other.get(at)
    return theirs === undefined || ((byte ^ theirs.byte) & mask & theirs.mask) === 0
  })
}

export type ActivatorState =
  /** The file that is registered is the one that would be registered now. */
  | 'current'
  /** The file at the path was replaced or changed since: the kernel still starts the old one. */
  | 'changed'
  | 'gone'
  /** Another installation's. */
  | 'other'

/**
 * What is known of the activator that an entry names. Times in ms since 1970, the same clock for both. The kernel shows
 * neither the file that it holds nor when it opened it: the entry's own time is that of its registration, unless
 * somebody switched the entry off and on since.
 */
export interface ActivatorFacts {
  registered: number
  /** Of the file's status (ctime); undefined: there is no such file. */
  changed: number | undefined
}

/** With flag F the kernel holds the file that was there at registration, whatever is at its path later. */
export function judgeActivator(entry: RegisteredEntry, own: string, facts: ActivatorFacts): ActivatorState {
  if (facts.changed === undefined) return 'gone'
  if (entry.interpreter !== own) return 'other'
  return facts.changed > facts.registered ? 'changed' : 'current'
}

/** What is registered now, with what became of our activators. */
export interface SystemEntry extends RegisteredEntry {
  /** Undefined for other tools' entries. */
  activator: ActivatorState | undefined
}

export type RegisterStep = {profile: string; name: string} & ({act: 'register'; line: string} | {act: 'keep'})

/**
 * What has to be registered so that the activator gets the profiles' programs. Throws where that would take programs
 * away from another tool.
 */
export function planRegister(wanted: readonly {profile: string; entry: BinfmtEntry}[], present: readonly SystemEntry[]): RegisterStep[] {
  return wanted.map(({profile, entry}) => {
    const {name} = entry
    const own = present.find(candidate => candidate.name === name)
    if (own?.activator === 'current' && own.state === 'enabled') return {profile, name, act: 'keep'}
    if (own) {
      throw new XbuildError('name-taken', `${name} is registered already, ${describeOwn(own)}`, {
        hint: `take it out first: xbuild-env system unregister ${profile}`,
      })
    }
    const other = present.find(
      candidate => !isOwnEntry(candidate.name) && candidate.state === 'enabled' && recogniseTheSame(candidate, entry),
    )
    if (other) {
      throw new XbuildError(
        'name-taken',
        `programs of ${profile} are taken by the entry "${other.name}" of another tool (${other.interpreter})`,
        {
          hint: `it is left as it is; take it out yourself if nothing else needs it: update-binfmts --disable ${other.name}, or echo -1 > /proc/sys/fs/binfmt_misc/${other.name}`,
        },
      )
    }
    return {profile, name, act: 'register', line: registerLine(entry)}
  })
}

function describeOwn(entry: SystemEntry): string {
  if (entry.state === 'disabled') return 'but disabled'
  switch (entry.activator) {
    case 'gone':
      return `for an activator that is gone (${entry.interpreter})`
    case 'changed':
      return `for a former version of ${entry.interpreter}`
    default:
      return `for another installation's activator (${entry.interpreter})`
  }
}

/** The names of the entries to take out: those of the given profiles, or all of ours. */
export function planUnregister(profiles: readonly string[], present: readonly SystemEntry[]): string[] {
  const own = present.map(entry => entry.name).filter(isOwnEntry)
  if (profiles.length === 0) return own
  return [...new Set(profiles)].map(profile => {
    const name = systemEntryName(profile)
    if (own.includes(name)) return name
    throw new XbuildError('unknown-profile', `${profile} is not registered in the system's binfmt_misc`, {
      hint: own.length > 0 ? `registered are: ${own.map(entryProfile).join(', ')}` : 'no profile is',
    })
  })
}
