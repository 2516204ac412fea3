import {XbuildError} from '../errors.js'
import type {BinfmtEntry} from '../session/plan.js'

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
    throw refuse('its magic lies too far into the file', `Linux looks at the first ${MAX_MAGIC_END} bytes of a file`)
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

/**
 * Whether an entry would be given the typical file that another is for: one that has the other's bits, and zeros where that
 * does not look. So it is told whether programs of o32 are taken by an entry for n32, which wants one bit more of the flags.
 */
export function takesFilesOf(taker: Recognition, other: Recognition): boolean {
  const [magic, mask] = [bytes(other.magic), bytes(other.mask)]
  const typical = new Map([...magic].map((byte, i) => [other.offset + i, byte & (mask[i] ?? 0xff)]))
  const [wanted, looked] = [bytes(taker.magic), bytes(taker.mask)]
  return [...wanted].every((byte, i) => (((typical.get(taker.offset + i) ?? 0) ^ byte) & (looked[i] ?? 0xff)) === 0)
}
