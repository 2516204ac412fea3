import {open, readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {parseElf} from '../core/elf/header.js'
import type {HostArchitecture} from '../core/host.js'
import {HEAP_LOADER, LIBRARY_DIRECTORY, LOADER, LOCALE_DIRECTORY, PRIVATE_DIRECTORY} from '../core/places.js'
import {isThere, makeDirectory} from '../host/files.js'
import {adaptCompilers} from './compilers.js'
import {nameMachine} from './machine-name.js'
import {makeLoaders} from './make-loaders.js'
import {adaptPerl} from './perl.js'
import {adaptPython} from './python.js'
import {adaptPaths} from './scan.js'
import {adaptTexts, type TwinTarget} from './texts.js'

/**
 * Makes the twins independent of where a session shows host-native files: each names the private dynamic loader, which
 * with the private C library looks for everything of the host's architecture in the session's private directory.
 * A same-length replacement of bytes: nothing in the files moves. These are the C library and what is there already:
 * twins that are in use from now on.
 */
export async function adaptFirst(tree: string, host: HostArchitecture, target: TwinTarget): Promise<void> {
  const libraries = join(tree, 'usr/lib', host.triple)
  const loader = basename(host.loader)
  await symlink(loader, join(libraries, basename(LOADER)))
  await replaceInFile(join(libraries, loader), loaderReplacements(host))
  await makeLoaders(libraries, host)
  await replaceInFile(join(libraries, 'libc.so.6'), libraryReplacements(host, target.endian))
  await nameMachine(tree, host, target.uname)
  const characterSets = join(libraries, 'gconv/gconv-modules.cache')
  if (isThere(characterSets)) await replaceInFile(characterSets, [ownLibraries(host)]) // else the C library reads the lists themselves
  await adaptAllPrograms(tree, host)
  await adaptTexts(tree, host, target)
  await adaptPaths({tree, host, triple: target.triple})
}

/** The same for others, in a tree that has nothing else; `base` is the one that they come to. */
export async function adaptOthers(
  tree: string,
  base: string,
  host: HostArchitecture,
  target: TwinTarget,
  preloads: readonly string[],
): Promise<void> {
  const libraries = join(tree, 'usr/lib', host.triple)
  await makeDirectory(libraries)
  await adaptAllPrograms(tree, host)
  await adaptPython(tree, host)
  await adaptPerl(tree, host)
  await adaptCompilers(tree, libraries, target.triple)
  await linkPreloads(libraries, preloads)
  await adaptTexts(tree, host, target)
  await adaptPaths({tree, host, triple: target.triple}, base)
}

/**
 * Libraries that programs name in LD_PRELOAD, with a directory of their own in LD_LIBRARY_PATH; the twins have one for all.
 * `patterns`: where the root has them, `/usr/lib/TRIPLE/DIRECTORY/FILES`.
 */
async function linkPreloads(libraries: string, patterns: readonly string[]): Promise<void> {
  const directories = patterns.map(pattern => basename(dirname(pattern)))
  for (const directory of directories.filter(name => isThere(join(libraries, name)))) {
    for (const name of await readdir(join(libraries, directory))) await symlink(join(directory, name), join(libraries, name))
  }
}

interface Replacement {
  from: string
  /** Not longer than `from`; filled up with slashes, which mean nothing in a path. */
  to: string
}

const ownLibraries = (host: HostArchitecture): Replacement => ({from: `/usr/lib/${host.triple}`, to: LIBRARY_DIRECTORY})

/** The loader's cache is the root's, and of no use to a twin: a path without a file makes it look at the directories. */
const loaderReplacements = (host: HostArchitecture): Replacement[] => [
  ownLibraries(host),
  {from: `/lib/${host.triple}`, to: LIBRARY_DIRECTORY},
  {from: '/etc/ld.so.cache', to: `${PRIVATE_DIRECTORY}/none`},
]

/** Character sets are modules of the host's. Locales are in the byte order of the machine that they were made for. */
const libraryReplacements = (host: HostArchitecture, endian: 'little' | 'big'): Replacement[] => [
  ownLibraries(host),
  ...(endian === 'big' ? [{from: '/usr/lib/locale', to: LOCALE_DIRECTORY}] : []),
]

/** Replaces every occurrence, in place. Throws where a path is not there: the file is not what this was written for. */
export function replacePaths(bytes: Buffer, replacements: readonly Replacement[]): void {
  for (const {from, to} of replacements) {
    if (to.length > from.length) throw new Error(`${to} is longer than ${from}`)
    const filled = Buffer.from(to + '/'.repeat(from.length - to.length))
    let found = 0
    for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + from.length)) {
      filled.copy(bytes, at)
      found++
    }
    if (found === 0) throw new Error(`${from} is not in the file`)
  }
}

async function replaceInFile(path: string, replacements: readonly Replacement[]): Promise<void> {
  const bytes = await readFile(path)
  replacePaths(bytes, replacements)
  await writeFile(path, bytes)
}

async function adaptAllPrograms(tree: string, host: HostArchitecture): Promise<void> {
  for (const directory of ['usr/bin', 'usr/sbin', 'usr/lib', 'usr/libexec']) await adaptPrograms(join(tree, directory), host)
}

async function adaptPrograms(directory: string, host: HostArchitecture): Promise<void> {
  if (!isThere(directory)) return
  for (const entry of await readdir(directory, {recursive: true, withFileTypes: true})) {
    if (entry.isFile()) await adaptProgram(join(entry.parentPath, entry.name), host)
  }
}

/** As many bytes as hold a program's header and the path of its loader. */
const HEAD = 4096

/** The linker of binutils, as Debian's cross packages call it. */
const LINKER = /-ld\.bfd$/

/** Writes the private loader over a program's; anything else is left alone. */
async function adaptProgram(path: string, host: HostArchitecture): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const head = Buffer.alloc(HEAD)
    const {bytesRead} = await file.read(head, 0, HEAD, 0)
    const elf = parseElf(head.subarray(0, bytesRead))
    if (!elf?.interpreter || elf.machine !== host.machine) return
    const {offset, size} = elf.interpreter
    const own = Buffer.from(`${host.loader}\0`)
    if (offset + size > bytesRead || !head.subarray(offset, offset + own.length).equals(own)) return
    const loader = Buffer.alloc(size)
    loader.write(LINKER.test(path) ? HEAP_LOADER : LOADER)
    await file.write(loader, 0, size, offset)
  } finally {
    await file.close()
  }
}
