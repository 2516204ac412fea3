import {XbuildError} from '../errors.js'
import type {HostNames} from './host.js'

export const X86_64_NAMES: HostNames = {
  debian: 'amd64',
  triple: 'x86_64-linux-gnu',
  machineName: 'x86_64-pc-linux-gnu',
  loader: '/lib64/ld-linux-x86-64.so.2',
  machine: 62,
}

/** By what Node calls them. */
const NAMES: Partial<Record<NodeJS.Architecture, HostNames>> = {x64: X86_64_NAMES}

/** What the architecture that xbuild-env runs on is called. Throws `unsupported-host`. */
export function hostNames(name: NodeJS.Architecture = process.arch): HostNames {
  const names = NAMES[name]
  if (names) return names
  throw unsupportedHost(name)
}

export const unsupportedHost = (name: NodeJS.Architecture) =>
  new XbuildError('unsupported-host', `programs of this machine's architecture (${name}) cannot be made twins yet`, {
    hint: 'run xbuild-env on an x86-64 machine',
  })
