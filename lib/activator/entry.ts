import type {BinfmtEntry} from '../core/plan.js'
import {shim} from '../host/shims.js'

/**
 * P: the activator gets argv[0]. O: it gets the program opened. C: a program's set-user-id bit counts. F: the activator
 * is opened at once, so that it works in any chroot. https://docs.kernel.org/admin-guide/binfmt-misc.html
 */
const FLAGS = 'POCF'

/** Hexadecimal digits as binfmt_misc takes bytes. */
const escapeBytes = (hex: string) => hex.replace(/../g, byte => `\\x${byte}`)

/** The entry that hands every program of the target to the activator. Magic and mask are in hexadecimal. */
export function activatorEntry(elf: {magic: string; mask: string}): BinfmtEntry {
  return {
    name: 'xbuild-env',
    offset: 0,
    magic: escapeBytes(elf.magic),
    mask: escapeBytes(elf.mask),
    interpreter: shim('xbuild-activator'),
    flags: FLAGS,
  }
}
