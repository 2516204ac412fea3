import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type HostArchitecture, hostArchitecture} from '../core/host.js'
import {namesMachine, withMachineName} from '../core/machine-name.js'

/** Programs that do nothing but tell what uname(2) says. */
const ASKING = ['/usr/bin/arch', '/usr/bin/uname']

const pathOfLibrary = (tree: string, host: HostArchitecture) => join(tree, 'usr/lib', host.triple, 'libc.so.6')

/** Lets a twin set's C library name the target's machine; where that cannot be done, it is left as it is. */
export async function nameMachine(tree: string, host: HostArchitecture, machine: string): Promise<void> {
  const path = pathOfLibrary(tree, host)
  const changed = withMachineName(await readFile(path), machine)
  if (changed) await writeFile(path, changed)
}

/** Programs that are no twins, and why, by their paths, where a twin set's C library names the host's machine. `machine`: the target's. */
export async function readUnnamed(tree: string, machine: string): Promise<ReadonlyMap<string, string>> {
  const library = await readFile(pathOfLibrary(tree, hostArchitecture())).catch(() => undefined)
  if (library && namesMachine(library, machine)) return new Map()
  return new Map(ASKING.map(path => [path, "the twin set's C library names the host's machine"]))
}
