import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type HostArchitecture, hostArchitecture} from '../core/host.js'
import {namesMachine, withMachineName} from '../core/twins/machine-name.js'
import {Tree} from '../host/beneath.js'

/** Programs that do nothing but tell what uname(2) says. */
const ASKING = ['/usr/bin/arch', '/usr/bin/uname']

const pathOfLibrary = (host: HostArchitecture) => join('usr/lib', host.triple, 'libc.so.6')

/** Bytes: eight times as much as glibc has. */
const LIBRARY_LIMIT = 16 * 2 ** 20

/** Lets a twin set's C library name the target's machine; where that cannot be done, it is left as it is. */
export async function nameMachine(tree: string, host: HostArchitecture, machine: string): Promise<void> {
  const path = join(tree, pathOfLibrary(host))
  const changed = withMachineName(await readFile(path), machine)
  if (changed) await writeFile(path, changed)
}

/** Programs that are no twins, and why, by their paths, where a twin set's C library names the host's machine. `machine`: the target's. */
export function readUnnamed(tree: string, machine: string): ReadonlyMap<string, string> {
  const library = new Tree([tree], 'within').read(pathOfLibrary(hostArchitecture()), LIBRARY_LIMIT)
  if (library.kind === 'found' && namesMachine(library.value, machine)) return new Map()
  return new Map(ASKING.map(path => [path, "the twin set's C library names the host's machine"]))
}
