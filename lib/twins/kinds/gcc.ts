import {copyFile, readdir} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {ProgramImage} from '../../core/elf/image.js'
import {
  makeAdaNative,
  makeCollectNative,
  makeDriverNative,
  makeLocalHeadersPlain,
  ownDirectories,
  ownSpecs,
  replacePluginDirectory,
  replaceSearchPaths,
} from '../../core/twins/gcc.js'
import {isThere, makeDirectory} from '../../host/files.js'
import type {Adaptation, TwinKind} from './kind.js'

/** The directories of Debian's cross compilers: /usr/lib up to gcc 12, programs in /usr/libexec since 13. */
const CROSS_DIRECTORIES = ['/usr/lib/gcc-cross', '/usr/libexec/gcc-cross']

/** What becomes of a program of theirs, or a library of binutils'. */
type Part =
  /** One that users call. */
  | {part: 'driver'}
  /** One of the compilers proper that search for headers; Fortran's has a preprocessor of its own. */
  | {part: 'preprocessing'; version: string}
  | {part: 'collect2'}
  /** It looks for the linker's plugin. Never routed where the root has its own: it names the program that it calls. */
  | {part: 'archiver'}
  /** Ada's compiler proper, and its tools: sdefault.adb is in all of them. */
  | {part: 'ada'; version: string}
  | {part: 'libbfd'}

const DRIVER = /^(gcc|g\+\+|cpp|gfortran|gdc|gccgo|gm2|gnatgcc)-\d+$/
const ARCHIVER = /^gcc-(ar|nm|ranlib)-\d+$/
const ADA_TOOL = /^gnat(?!gcc)[a-z]*-(\d+)$/
const PREPROCESSING = /^(cc1(plus|obj|objplus)?|f951)$/

function partOf(path: string, {host, target}: Adaptation): Part | undefined {
  const tool = afterPrefix(path, `/usr/bin/${target.triple}-`)
  if (tool !== undefined) {
    if (DRIVER.test(tool)) return {part: 'driver'}
    if (ARCHIVER.test(tool)) return {part: 'archiver'}
    const version = ADA_TOOL.exec(tool)?.[1]
    return version === undefined ? undefined : {part: 'ada', version}
  }
  const library = afterPrefix(path, `/usr/lib/${host.triple}/`)
  if (library !== undefined) return /^libbfd-.*\.so$/.test(library) ? {part: 'libbfd'} : undefined
  for (const directory of CROSS_DIRECTORIES) {
    const [version, name, ...below] = afterPrefix(path, `${directory}/${target.triple}/`)?.split('/') ?? []
    if (version === undefined || name === undefined || below.length > 0) continue
    if (PREPROCESSING.test(name)) return {part: 'preprocessing', version}
    if (name === 'collect2') return {part: name}
    if (name === 'gnat1') return {part: 'ada', version}
  }
  return undefined
}

const afterPrefix = (text: string, prefix: string) => (text.startsWith(prefix) ? text.slice(prefix.length) : undefined)

function adapt(bytes: Buffer, path: string, adaptation: Adaptation): void {
  const {triple} = adaptation.target
  const found = partOf(path, adaptation)
  switch (found?.part) {
    case 'driver':
      ownDirectories(bytes)
      ownSpecs(new ProgramImage(bytes))
      return makeDriverNative(new ProgramImage(bytes))
    case 'preprocessing':
      replaceSearchPaths(bytes, triple, found.version)
      ownDirectories(bytes)
      return makeLocalHeadersPlain(new ProgramImage(bytes))
    case 'collect2':
      return makeCollectNative(new ProgramImage(bytes), triple)
    case 'archiver':
      return ownDirectories(bytes)
    case 'ada':
      return makeAdaNative(new ProgramImage(bytes), triple, found.version)
    case 'libbfd':
      return replacePluginDirectory(bytes)
    case undefined:
  }
}

const LTO_PLUGIN = 'liblto_plugin.so'

/** Puts the linker's plugin where every user of a session can read it. */
async function sharePlugin(tree: string, {host, target}: Adaptation): Promise<void> {
  const plugins = join(tree, 'usr/lib', host.triple, 'bfd-plugins')
  for (const versions of CROSS_DIRECTORIES.map(directory => join(tree, directory, target.triple)).filter(isThere)) {
    for (const version of await readdir(versions)) {
      const plugin = join(versions, version, LTO_PLUGIN)
      if (!isThere(plugin)) continue
      await makeDirectory(plugins)
      await copyFile(plugin, join(plugins, basename(plugin)))
    }
  }
}

/**
 * gcc and binutils: the cross compilers become the target's own. Their drivers and the compilers proper look where the target's
 * look, at the same paths in the same order.
 */
export const GCC: TwinKind = {
  name: 'gcc',
  programs: {isFor: (path, adaptation) => partOf(path, adaptation) !== undefined, adapt},
  arrange: sharePlugin,
}
