import {join} from 'node:path'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {namesMachine} from '../core/twins/machine-name.js'
import {Tree} from '../host/beneath.js'

/** Programs that do nothing but tell what uname(2) says. */
const ASKING = ['/usr/bin/arch', '/usr/bin/uname']

export const C_LIBRARY_NAME = 'libc.so.6'

/** Bytes: eight times as much as glibc has. */
const LIBRARY_LIMIT = 16 * 2 ** 20

/** Programs that are no twins, and why, by their paths, where a twin set's C library names the host's machine. `machine`: the target's. */
export function readUnnamed(tree: string, machine: string): ReadonlyMap<string, string> {
  const host = hostArchitecture()
  const library = new Tree([tree], 'within').read(join('usr/lib', host.triple, C_LIBRARY_NAME), LIBRARY_LIMIT)
  if (library.kind === 'found' && namesMachine(library.value, machine, host)) return new Map()
  return new Map(ASKING.map(path => [path, "the twin set's C library names the host's machine"]))
}
