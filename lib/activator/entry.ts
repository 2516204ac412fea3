import {type ActivatorEntry, OWN_NAME} from '../core/binfmt/entry.js'
import type {BinfmtEntry} from '../core/session/plan.js'
import {shim} from '../host/shims.js'

/**
 * P: the activator gets argv[0]. O: it gets the program opened. C: a program's set-user-id bit counts. F: the activator
 * is opened at once, so that it works in any chroot. https://docs.kernel.org/admin-guide/binfmt-misc.html
 */
const FLAGS = 'POCF'

/** The program that the kernel is told. */
export const ACTIVATOR = shim('xbuild-activator')

/** Hexadecimal digits as binfmt_misc takes bytes. */
const escapeBytes = (hex: string) => hex.replace(/../g, byte => `\\x${byte}`)

/** The entry that hands every program of the target to the activator. Magic and mask are in hexadecimal. */
export function activatorEntry(elf: {magic: string; mask: string}): BinfmtEntry {
  return {
    name: OWN_NAME,
    offset: 0,
    magic: escapeBytes(elf.magic),
    mask: escapeBytes(elf.mask),
    interpreter: ACTIVATOR,
    flags: FLAGS,
  }
}

/**
 * The same entry as users see it among their own. What has a twin is run as that; the interpreter is for all others.
 * `emulator` is relative to the twin set.
 */
export const ownEntry = (elf: {magic: string; mask: string}, emulator: string, state: ActivatorEntry['state']): ActivatorEntry => ({
  name: OWN_NAME,
  interpreter: `/${emulator} -0 #a`,
  ...elf,
  offset: 0,
  state,
  opened: 'at-once',
})
