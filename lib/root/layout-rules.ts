import {basename, dirname} from 'node:path'
import type {ElfHeader} from '../core/elf/header.js'
import type {HostArchitecture} from '../core/hosts/host.js'

/**
 * How the root of a CPU without an archive is laid out: as the same suite's root of the host's architecture is, with the
 * target's names in its paths and texts. The C library and the compiler's own libraries come from the packages that
 * belong to the cross compiler; a program that has no build for the target yet is a stub.
 */
export interface LayoutNames {
  host: HostArchitecture
  /** `machine`: what the root's own bash and make call it; `libc`: the C library's package. */
  target: {triple: string; architecture: string; machine: string; libc: string}
}

/** Names of packages cannot hold an underscore: Debian Policy, 5.6.1. */
const packageTriple = (triple: string) => triple.replaceAll('_', '-')

/** The C library's package on the hosts that there are twin sets for, and the names that begin with it: `libc6-dev`. */
const HOST_LIBC = /\blibc6(?![\w.])/g

/** A path or text with the target's names in place of the host's. */
export const retarget = (text: string, {host, target}: LayoutNames) =>
  text
    .replaceAll(host.triple, target.triple)
    .replaceAll(packageTriple(host.triple), packageTriple(target.triple))
    .replaceAll(host.machineName, target.machine)
    .replaceAll(HOST_LIBC, target.libc)

/** A file of the host's root. Paths are absolute, in a merged /usr. */
export interface HostFile {
  path: string
  kind: 'directory' | 'link' | 'file'
  /** Of a file: what it holds, as far as it matters here. */
  content: {kind: 'elf'; header: ElfHeader} | {kind: 'text'; text: string} | {kind: 'other'}
}

/** What becomes of a file. */
export type Fate =
  | {kind: 'keep'; to: string}
  | {kind: 'rewrite'; to: string; text: string}
  | {kind: 'stub'; to: string}
  | {kind: 'leave-out'}

/** Where libraries lie that a linker or a dynamic loader would find, and which files there are such libraries. */
const LIBRARY = /^(lib.*|ld.*)\.(so(\.[\d.]+)?|a|la)$|\.o$/
const libraryDirectories = (host: HostArchitecture) => [`/usr/lib/${host.triple}`, `/usr/${host.loader.split('/')[1]}`]

/** Directories of packages that are replaced, whose files belong to one architecture. */
const ARCHITECTURE_OWN = /^\/usr\/(lib|libexec|include)\//

/** What a root's own programs or the laying out make anew, and what its linker would say of the host. */
const isMade = (path: string, host: HostArchitecture) =>
  ['/etc/ld.so.cache', '/var/cache/ldconfig/aux-cache', '/var/lib/dpkg/status', '/var/lib/dpkg/status-old'].includes(path) ||
  path.startsWith(`/usr/lib/${host.triple}/ldscripts/`)

/** Locales are in the byte order of the machine that they were made for. */
const LOCALES = '/usr/lib/locale/'

export interface LayoutRules {
  names: LayoutNames
  endian: 'little' | 'big'
  /** Whether a path belongs to a package that the target has otherwise. */
  isReplaced: (path: string) => boolean
  /** Whether it belongs only to packages that the target does not have. */
  isGone: (path: string) => boolean
}

export function fateOf(file: HostFile, rules: LayoutRules): Fate {
  const {names, endian} = rules
  const {host} = names
  const to = retarget(file.path, names)
  if (isMade(file.path, host)) return {kind: 'leave-out'}
  if (file.kind === 'directory') return {kind: 'keep', to}
  if (rules.isGone(file.path)) return {kind: 'leave-out'}
  if (rules.isReplaced(file.path) && ARCHITECTURE_OWN.test(file.path)) return {kind: 'leave-out'}
  if (libraryDirectories(host).includes(dirname(file.path)) && LIBRARY.test(basename(file.path))) return {kind: 'leave-out'}
  if (endian === 'big' && file.path.startsWith(LOCALES)) return {kind: 'leave-out'}
  if (file.kind === 'link') return {kind: 'keep', to}
  switch (file.content.kind) {
    case 'elf':
      if (file.content.header.machine !== host.machine) return {kind: 'keep', to}
      return file.content.header.type === ET_REL ? {kind: 'leave-out'} : {kind: 'stub', to}
    case 'text': {
      const text = retargetText(file.path, file.content.text, rules)
      return text === file.content.text ? {kind: 'keep', to} : {kind: 'rewrite', to, text}
    }
    case 'other':
      return {kind: 'keep', to}
  }
}

/** <elf.h>: an object file. */
const ET_REL = 1

/** perldoc Config, byteorder: how the bytes of 0x8…04030201 lie in memory. Debian's perl has integers of 64 bits everywhere. */
const BYTE_ORDER = {little: '12345678', big: '87654321'} as const

/** perl's own description of what it was built for, in its library's directory. */
const PERL_CONFIGURATION = /\/perl(-base|\/[\d.]+)\/Config(_heavy)?\.p[lm]$/

function retargetText(path: string, text: string, {names, endian}: LayoutRules): string {
  const named = retarget(text, names)
  if (!PERL_CONFIGURATION.test(path)) return named
  const order = `'${BYTE_ORDER[endian]}'`
  // Config_heavy.pl asks the perl that runs, and puts the answer in place of what is written.
  return named.replace(/\b(byteorder\s*=>?\s*)'\d+'/g, `$1${order}`).replace(/^(our \$byteorder = ).*;$/m, `$1${order};`)
}

/** Where the file of a package of the cross compiler's lies in a root; undefined for one that a root has no use for. */
export function crossPath(path: string, {target}: LayoutNames, hasHeader: (path: string) => boolean): string | undefined {
  const {triple} = target
  const own = `/usr/${triple}/`
  const compiler = `/usr/lib/gcc-cross/${triple}/`
  if (path.startsWith(compiler)) return `/usr/lib/gcc/${triple}/${path.slice(compiler.length)}`
  if (!path.startsWith(own)) return undefined
  const [directory = '', ...rest] = path.slice(own.length).split('/')
  const name = rest.join('/')
  if (directory === 'include') return headerPath(name, triple, hasHeader)
  return directory === 'lib' ? `/usr/lib/${triple}/${name}` : `/usr/${directory}/${name}`
}

/**
 * Debian's multiarch keeps headers that differ between architectures below /usr/include/TRIPLE. A cross compiler's
 * packages have all in one directory: those that the host's root has for every architecture are for every architecture.
 */
function headerPath(name: string, triple: string, hasHeader: (path: string) => boolean): string {
  const cxx = /^c\+\+\/([^/]+)\/(.*)$/.exec(name)
  if (cxx) {
    const [, version = '', header = ''] = cxx
    const own = header.startsWith(`${triple}/`)
    return own ? `/usr/include/${triple}/c++/${version}/${header.slice(triple.length + 1)}` : `/usr/include/${name}`
  }
  return hasHeader(`/usr/include/${name}`) ? `/usr/include/${name}` : `/usr/include/${triple}/${name}`
}

/** A linker script of a cross compiler's package, with the paths of a root. */
export const rewriteLinkerScript = (text: string, triple: string) =>
  text.replace(new RegExp(`/usr/${triple}/(lib[^/\\s]*)/`, 'g'), (_, directory: string) =>
    directory === 'lib' ? `/usr/lib/${triple}/` : `/${directory}/`,
  )
