/**
 * Modules that libraries load while a program runs, as the root's administrator has set up: a twin loads those of the twin set alone.
 */

import {basename, dirname} from 'node:path'

/** Modules of one kind, and how to tell the programs that may load some. */
interface ModuleFamily {
  name: string
  /** Where they lie, below the directories of libraries. */
  directories: readonly string[]
  /** Their files. */
  file: RegExp
  asked: {by: 'function' | 'library'; name: RegExp}
}

/**
 * man 5 nsswitch.conf: functions of the C library that ask one of its databases. glob(3) and wordexp(3) look for users by `~NAME`,
 * getlogin(3) by their number.
 */
const ASKS_DATABASES =
  /^(get(pw|sp)(nam|uid|ent)|getgr(nam|gid|ent)|getsg(nam|ent)|getgrouplist|initgroups|getpw|getlogin|cuserid|glob(64)?|wordexp|gethostby(name2?|addr)|gethostent|getaddrinfo(_a)?|getnameinfo|get(serv|proto|net|rpc)(by\w+|ent)|getnetgrent|innetgr|setnetgrent|ether_(ntohost|hostton)|getalias(byname|ent)|ruserok(_af)?|rcmd(_af)?)(_r)?$/

const FAMILIES: readonly ModuleFamily[] = [
  {name: 'NSS', directories: ['.'], file: /^libnss_\w+\.so\.2$/, asked: {by: 'function', name: ASKS_DATABASES}},
  {name: 'PAM', directories: ['security'], file: /\.so$/, asked: {by: 'library', name: /^libpam\.so\.0$/}},
  {name: 'SASL', directories: ['sasl2'], file: /\.so$/, asked: {by: 'library', name: /^libsasl2\.so\.2$/}},
  {
    name: 'Kerberos',
    directories: ['authdata', 'kdb', 'libkrb5', 'preauth', 'tls'].map(kind => `krb5/plugins/${kind}`),
    file: /\.so$/,
    asked: {by: 'library', name: /^libkrb5\.so\.3$/},
  },
  {name: 'PKCS #11', directories: ['pkcs11'], file: /\.so$/, asked: {by: 'library', name: /^libp11-kit\.so\.0$/}},
  {name: 'OpenSSL', directories: ['engines-3', 'ossl-modules'], file: /\.so$/, asked: {by: 'library', name: /^libcrypto\.so\.3$/}},
  // bfd/plugin.c: those that read LLVM's bytecode. What else lies there reads gcc's, and comes with binutils and gcc.
  {name: 'binutils', directories: ['bfd-plugins'], file: /^LLVMgold.*\.so$/, asked: {by: 'library', name: /^libbfd-.*\.so$/}},
]

/** Whether a package's file is such a module. */
export const isRunTimeModule = (path: string): boolean =>
  FAMILIES.some(({directories, file}) =>
    directories.some(directory => file.test(basename(path)) && (directory === '.' || dirname(path).endsWith(`/${directory}`))),
  )

/** The families of which a file itself may load some: by the libraries that it needs and what it has from others. */
export const askedFamilies = (needed: readonly string[], imported: readonly string[]): string[] =>
  FAMILIES.filter(({asked: {by, name}}) => (by === 'library' ? needed : imported).some(one => name.test(one))).map(({name}) => name)

/** What the scan of a twin set has of a file. */
export interface Asking {
  /** By itself. */
  asks: readonly string[]
  /** The libraries that it needs: paths in the twin set. */
  libraries: readonly string[]
}

/** The families that each file may load some of, by itself or by a library that it needs. */
export function askingFiles(files: ReadonlyMap<string, Asking>): Map<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>()
  for (const path of files.keys()) {
    const asks = new Set<string>()
    const seen = new Set<string>()
    const add = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      const {asks: own = [], libraries = []} = files.get(file) ?? {}
      for (const family of own) asks.add(family)
      libraries.forEach(add)
    }
    add(path)
    if (asks.size > 0) found.set(path, asks)
  }
  return found
}

/**
 * Of each family, a module of the root that there is no twin of. `listed`: the names in a directory of the root; `hasTwin`: whether
 * the twin set has such a file that can be loaded, by a path below its directory of libraries.
 */
export function lackingModules(
  libraryDirectories: readonly string[],
  listed: (directory: string) => readonly string[],
  hasTwin: (path: string) => boolean,
): Map<string, string> {
  const lacking = new Map<string, string>()
  for (const {name, directories, file} of FAMILIES) {
    const paths = libraryDirectories.flatMap(libraries =>
      directories.flatMap(directory => {
        const below = directory === '.' ? '' : `${directory}/`
        const modules = listed(`${libraries}/${below}`).filter(one => file.test(one))
        return modules.filter(one => !hasTwin(`${below}${one}`)).map(one => `${libraries}/${below}${one}`)
      }),
    )
    if (paths[0] !== undefined) lacking.set(name, paths[0])
  }
  return lacking
}
