import {XbuildError} from './errors.js'

/** What has to be known of the architecture that xbuild-env runs on: the only place that does. */
export interface HostArchitecture {
  debian: string
  /** Where Debian's multiarch keeps its libraries: /usr/lib/<triple>. */
  triple: string
  /** What its bash and make call the machine: cpu-vendor-system. */
  machineName: string
  /** The dynamic loader that its programs name: the processor's supplement of the System V ABI. */
  loader: string
  /** e_machine, <elf.h> */
  machine: number
}

/** Of another, the places in compilers, bash and make that are changed are not known: they are found by instructions. */
const HOSTS: Partial<Record<NodeJS.Architecture, HostArchitecture>> = {
  x64: {
    debian: 'amd64',
    triple: 'x86_64-linux-gnu',
    machineName: 'x86_64-pc-linux-gnu',
    loader: '/lib64/ld-linux-x86-64.so.2',
    machine: 62,
  },
}

export function hostArchitecture(name: NodeJS.Architecture = process.arch): HostArchitecture {
  const host = HOSTS[name]
  if (host) return host
  throw new XbuildError('unsupported-host', `programs of this machine's architecture (${name}) cannot be made twins yet`, {
    hint: 'run xbuild-env on an x86-64 machine',
  })
}
