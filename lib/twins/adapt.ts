import {lstatSync} from 'node:fs'
import {mkdir, open, readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {parseElf} from '../core/elf/header.js'
import {whyNot} from '../core/elf/not-as-expected.js'
import type {HostArchitecture} from '../core/hosts/host.js'
import {PATH_MAX} from '../core/kernel.js'
import {HEAP_LOADER, LOADER} from '../core/places.js'
import {isThere} from '../host/files.js'
import {hostFiles} from './host-files.js'
import type {Adaptation} from './kinds/kind.js'
import {TWIN_KINDS} from './kinds/kinds.js'
import {adaptPaths} from './scan.js'
import {noteUnadapted} from './unadapted.js'

/** Of what is adapted: a tree that has nothing else, and has not been adapted before. */
export interface AdaptedTree {
  tree: string
  /** The tree of a twin set that this one comes to. */
  base?: string
  /** Where the root has libraries that programs name in LD_PRELOAD: `/usr/lib/TRIPLE/DIRECTORY/FILES`. */
  preloads: readonly string[]
}

/**
 * Makes programs of the host the target's own, and independent of where a session shows host-native files: each names the
 * private dynamic loader, which with the private C library looks for everything of the host's architecture in the session's
 * private directory. Nothing in the files moves. What cannot be adapted stays as it is, and is noted: it is no twin.
 */
export async function adaptTwins({tree, base, preloads}: AdaptedTree, adaptation: Adaptation): Promise<void> {
  const {host, target} = adaptation
  const files = await hostFiles(tree, host)
  const results = new Map<bigint, string | undefined>() // by inode: bunzip2 and bzip2 are one file
  const unadapted = new Map<string, string>()
  for (const file of files) {
    const {ino} = lstatSync(join(tree, file), {bigint: true})
    if (!results.has(ino)) results.set(ino, (await adaptLoader(join(tree, file), host)) ?? (await adaptAsItsKinds(tree, file, adaptation)))
    const why = results.get(ino)
    if (why !== undefined) unadapted.set(file, why)
  }
  const libraries = join(tree, 'usr/lib', host.triple)
  await mkdir(libraries, {recursive: true}) // packages that came later may bring none, and modules that belong there (cython3)
  for (const kind of TWIN_KINDS) await kind.arrange?.(tree, adaptation)
  await linkPreloads(libraries, preloads)
  await noteUnadapted(tree, unadapted)
  await adaptPaths({tree, host, triple: target.triple}, base)
}

/** Returns why it cannot be done, for people. */
async function adaptAsItsKinds(tree: string, file: string, adaptation: Adaptation): Promise<string | undefined> {
  const kinds = TWIN_KINDS.filter(({programs}) => programs?.isFor(file, adaptation))
  if (kinds.length === 0) return undefined
  const bytes = await readFile(join(tree, file))
  for (const {name, programs} of kinds) {
    const why = whyNot(() => programs?.adapt(bytes, file, adaptation))
    if (why !== undefined) return `cannot be made the target's (${name}): ${why}`
  }
  await writeFile(join(tree, file), bytes)
  return undefined
}

/**
 * Libraries that programs name in LD_PRELOAD, with a directory of their own in LD_LIBRARY_PATH; the twins have one for all.
 */
async function linkPreloads(libraries: string, patterns: readonly string[]): Promise<void> {
  const directories = patterns.map(pattern => basename(dirname(pattern)))
  for (const directory of directories.filter(name => isThere(join(libraries, name)))) {
    for (const name of await readdir(join(libraries, directory))) await symlink(join(directory, name), join(libraries, name))
  }
}

/** As many bytes as hold the program headers. */
const HEAD = 4096

/** The linker of binutils, as Debian's cross packages call it. */
const LINKER = /-ld\.bfd$/

/**
 * Writes the private loader over a program's; of libraries, only the C library has one, to tell its version. Returns why it cannot
 * be done, for people.
 */
async function adaptLoader(path: string, host: HostArchitecture): Promise<string | undefined> {
  const file = await open(path, 'r+')
  try {
    const head = Buffer.alloc(HEAD)
    const {bytesRead} = await file.read(head, 0, HEAD, 0)
    const elf = parseElf(head.subarray(0, bytesRead))
    if (!elf?.interpreter) return undefined
    const {offset, size} = elf.interpreter
    const named = Buffer.alloc(Math.min(size, PATH_MAX))
    await file.read(named, 0, named.length, offset)
    const own = Buffer.from(`${host.loader}\0`)
    if (!named.subarray(0, own.length).equals(own)) return `does not name the loader ${host.loader}`
    const loader = Buffer.alloc(named.length)
    loader.write(LINKER.test(path) ? HEAP_LOADER : LOADER)
    await file.write(loader, 0, loader.length, offset)
    return undefined
  } finally {
    await file.close()
  }
}
