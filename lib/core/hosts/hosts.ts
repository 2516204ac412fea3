import type {HostArchitecture, MachineCode} from './host.js'
import {unsupportedHost} from './names.js'
import {X86_64} from './x86-64.js'

/** By what Node calls them. */
const HOSTS: Partial<Record<NodeJS.Architecture, HostArchitecture>> = {x64: X86_64}

/** undefined where nothing is known of it. */
export const findHost = (name: NodeJS.Architecture): HostArchitecture | undefined => HOSTS[name]

/** The architecture that xbuild-env runs on. Throws `unsupported-host`. */
export function hostArchitecture(name: NodeJS.Architecture = process.arch): HostArchitecture {
  const host = findHost(name)
  if (host) return host
  throw unsupportedHost(name)
}

/** Of programs of another architecture, nothing is found in the code. */
const NO_CODE: MachineCode = {
  usesOf: () => [],
  useOf: () => Buffer.alloc(0),
  taken: () => [],
  argumentsOf: () => [],
  argumentOf: () => Buffer.alloc(0),
}

/** `machine`: e_machine of a program. */
export const codeOf = (machine: number): MachineCode => Object.values(HOSTS).find(host => host.machine === machine)?.code ?? NO_CODE
