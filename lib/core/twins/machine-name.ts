/**
 * What uname(2) tells a twin. Its C library asks the host's kernel, whose machine is the host's; the emulator writes the
 * target's over it. Here the C library's own function does, so that every twin that asks is told what the target's program
 * is.
 */

import {ProgramImage} from '../elf/image.js'
import {parseImage, symbolAddress} from '../elf/sections.js'
import type {HostArchitecture} from '../hosts/host.js'

/**
 * The C library whose uname() names this machine. undefined where its function is none that is known, or the name is too long.
 */
export function withMachineName(library: Buffer, machine: string, {uname}: HostArchitecture): Buffer | undefined {
  const changed = Buffer.from(library)
  const code = uname && findFunction(changed, uname.size)
  const naming = code && uname.naming(code, machine)
  if (!code || !naming) return undefined
  naming.copy(code)
  return changed
}

/** Whether the C library's uname() names this machine. */
export function namesMachine(library: Buffer, machine: string, {uname}: HostArchitecture): boolean {
  const code = uname && findFunction(library, uname.size)
  return code !== undefined && uname?.isNaming(code, machine) === true
}

/** The bytes of uname() in the library, with the room behind it. */
function findFunction(library: Buffer, size: number): Buffer | undefined {
  const image = parseImage(library)
  const address = image && symbolAddress(image, 'uname')
  const at = address === undefined ? undefined : ProgramImage.of(library)?.offset(address)
  return at === undefined || at + size > library.length ? undefined : library.subarray(at, at + size)
}
