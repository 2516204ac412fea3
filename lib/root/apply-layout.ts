import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
} from 'node:fs'
import {basename, dirname, join, relative} from 'node:path'
import {crossSourceVersion, DPKG_DATABASE, type InstalledPackage, mergedPath, parseStatus} from '../core/debian/packages.js'
import {parseElf} from '../core/elf/header.js'
import {STUB} from '../core/places.js'
import {holdingsOf} from '../core/stubs/holdings.js'
import {kindOf, type StubLists} from '../core/stubs/kind.js'
import {makeDirectoryAtOnce} from '../host/files.js'
import {type DatabaseChanges, fieldOf, parseInfoName, parseStanza, retargetInfoName, retargetStatus} from './database.js'
import {contentOf, describeFile} from './host-file.js'
import {type Fate, fateOf, type HostFile, type LayoutNames, type LayoutRules, retarget} from './layout-rules.js'
import {ownNames, placeCross, writeNew} from './place-cross.js'
import {goneNames} from './stub-index.js'

export interface LayOutInput {
  names: LayoutNames
  endian: 'little' | 'big'
  /** The first bytes of a program of the target: what a stub is until there is a compiler to make one. */
  magic: Buffer
  /** Packages of the compiler in the root, and the twin set's packages that hold their twins. */
  compilers: Readonly<Record<string, string>>
  /** Which packages are tools, where that has to be said. */
  lists: StubLists
  /** The same suite's root of the host's architecture. */
  hostTree: string
  twinTree: string
  tree: string
}

const INFO = join(DPKG_DATABASE, 'info')

/**
 * Lays out a root: thousands of small steps, in a process of its own that is root of a user namespace. Files that stay
 * as they are become links to those of the host's root and of the twin set, which nobody changes.
 */
export function layOut(input: LayOutInput): void {
  const {names, hostTree} = input
  const host = parseStatus(readFileSync(join(hostTree, DPKG_DATABASE, 'status'), 'utf8'))
  const cross = crossPackages(input)
  const changes = databaseChanges(input, host, cross)
  const isGone = (pack: InstalledPackage) => changes.gone.has(retarget(pack.name, names))
  const replaced = host.filter(pack => cross.has(retarget(pack.name, names)))
  const replacedPaths = new Set(replaced.flatMap(pack => listOf(hostTree, pack)))
  const keptPaths = new Set(host.filter(pack => !isGone(pack)).flatMap(pack => listOf(hostTree, pack)))
  const gonePaths = new Set(host.filter(isGone).flatMap(pack => listOf(hostTree, pack).filter(path => !keptPaths.has(path))))
  const rules: LayoutRules = {
    names,
    endian: input.endian,
    isReplaced: path => replacedPaths.has(path),
    isGone: path => gonePaths.has(path),
  }
  makeStub(input)
  const fates = new Map<string, Fate>()
  for (const {file, stats} of readTree(hostTree, '/')) {
    const fate = fateOf(file, rules)
    fates.set(file.path, fate)
    place(input, file, stats, fate)
  }
  const crossPlace = {names, from: input.twinTree, to: input.tree, headers: hostTree}
  const laidOut = new Map([...cross].map(([name, files]) => [name, placeCross(crossPlace, files)]))
  placeCompilerData(input, `/usr/lib/${names.target.triple}`)
  laidOut.get(names.target.libc)?.push(...linkLoader(input))
  writeDatabase(input, changes, fates, laidOut)
}

/** The packages that belong to the cross compiler, under the names that the target's own have: `libc6-mips64-cross`. */
function crossPackages({twinTree, names}: LayOutInput): Map<string, string[]> {
  const suffix = `-${names.target.architecture}-cross`
  const lists = readdirSync(join(twinTree, INFO)).filter(name => name.endsWith(`${suffix}.list`))
  return new Map(
    lists.map(name => [
      name.slice(0, -`${suffix}.list`.length),
      readFileSync(join(twinTree, INFO, name), 'utf8')
        .split('\n')
        .filter(Boolean),
    ]),
  )
}

function databaseChanges(
  {hostTree, twinTree, names, compilers, lists}: LayOutInput,
  host: readonly InstalledPackage[],
  cross: ReadonlyMap<string, unknown>,
): DatabaseChanges {
  const twins = new Map(parseStatus(readFileSync(join(twinTree, DPKG_DATABASE, 'status'), 'utf8')).map(pack => [pack.name, pack]))
  const twinNames = [
    ...[...cross.keys()].map(name => [name, `${name}-${names.target.architecture}-cross`] as const),
    ...Object.entries(compilers),
  ]
  const versions = new Map(
    twinNames.flatMap(([name, twin]) => {
      const version = twins.get(twin)?.version
      return version === undefined ? [] : [[name, crossSourceVersion(version)] as const]
    }),
  )
  const stanzas = readFileSync(join(hostTree, DPKG_DATABASE, 'status'), 'utf8')
    .split('\n\n')
    .map(parseStanza)
  const listed = new Map(host.map(pack => [pack.name, listOf(hostTree, pack)]))
  const kinds = new Map(
    stanzas.map(stanza => {
      const [name, architecture] = [fieldOf(stanza, 'Package'), fieldOf(stanza, 'Architecture')]
      const holds = holdingsOf((listed.get(name) ?? []).map(path => path.slice(1)))
      return [retarget(name, names), kindOf({name, architecture, multiArch: fieldOf(stanza, 'Multi-Arch'), holds}, lists)] as const
    }),
  )
  return {names, versions, gone: goneNames(stanzas, kinds, versions, names)}
}

const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])

const listOf = (tree: string, {name, architecture}: InstalledPackage) =>
  [`${name}.list`, `${name}:${architecture}.list`].flatMap(file => lines(join(tree, INFO, file))).map(mergedPath)

function* readTree(tree: string, directory: string): Generator<{file: HostFile; stats: Stats}> {
  for (const name of readdirSync(join(tree, directory)).sort()) {
    const path = join(directory, name)
    if (path === `/${INFO}`) continue
    const stats = lstatSync(join(tree, path))
    const file = describeFile(join(tree, path), path, stats)
    if (file === undefined) continue // devices, which a session has of its own
    yield {file, stats}
    if (file.kind === 'directory') yield* readTree(tree, path)
  }
}

/** One file for all: what a compiler makes of it later, all of them are. */
function makeStub({tree, magic}: LayOutInput): void {
  const path = join(tree, STUB)
  makeDirectoryAtOnce(dirname(path))
  const bytes = Buffer.alloc(ELF_HEADER_SIZE)
  magic.copy(bytes)
  bytes.fill(1, E_ENTRY, E_ENTRY + 4) // in either byte order it begins somewhere, as what it stands for
  writeNew(path, bytes, 0o755)
}

/** <elf.h>: sizeof(Elf64_Ehdr), the larger of the two. */
const ELF_HEADER_SIZE = 64
/** <elf.h>: where e_entry lies, in files of 32 and of 64 bits. */
const E_ENTRY = 24

function place({hostTree, tree, names}: LayOutInput, file: HostFile, stats: Stats, fate: Fate): void {
  if (fate.kind === 'leave-out') return
  const from = join(hostTree, file.path)
  const to = join(tree, fate.to)
  if (file.kind === 'directory') {
    makeDirectoryAtOnce(to)
    lchownSync(to, stats.uid, stats.gid)
    chmodSync(to, stats.mode & 0o7777)
  } else if (fate.kind === 'stub') {
    linkSync(join(tree, STUB), to)
  } else if (fate.kind === 'rewrite') {
    writeNew(to, fate.text)
    lchownSync(to, stats.uid, stats.gid)
    chmodSync(to, stats.mode & 0o7777)
  } else if (file.kind === 'link') {
    symlinkSync(retarget(readlinkSync(from), names), to)
    lchownSync(to, stats.uid, stats.gid)
  } else linkSync(from, to)
}

/** What the compiler's own packages have at the target's paths already, such as the scripts that its linker has built in. */
function placeCompilerData(input: LayOutInput, directory: string): void {
  const from = join(input.twinTree, directory)
  if (!existsSync(from)) return
  makeDirectoryAtOnce(join(input.tree, directory))
  for (const entry of readdirSync(from, {withFileTypes: true})) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) placeCompilerData(input, path)
    else if (entry.isFile() && contentOf(join(from, entry.name), 0).kind !== 'elf') linkSync(join(from, entry.name), join(input.tree, path))
  }
}

/**
 * Programs name their dynamic loader by a path that the C library, which is a program too, has as well. Returns what the C
 * library's package has there, as a distribution's own lists it: not by the links of a merged /usr.
 */
function linkLoader({tree, names}: LayOutInput): string[] {
  const libraries = `/usr/lib/${names.target.triple}`
  const library = readdirSync(join(tree, libraries)).find(name => /^libc\.so\.[\d.]+$/.test(name))
  if (library === undefined) throw new Error(`there is no C library in ${libraries}`)
  const bytes = readFileSync(join(tree, libraries, library))
  const place = parseElf(bytes)?.interpreter
  if (!place) throw new Error(`${library} names no dynamic loader`)
  const named = bytes.toString('latin1', place.offset, bytes.indexOf(0, place.offset))
  const loader = mergedPath(named)
  if (!existsSync(join(tree, loader))) {
    makeDirectoryAtOnce(dirname(join(tree, loader)))
    symlinkSync(relative(dirname(loader), `${libraries}/${basename(loader)}`), join(tree, loader))
  }
  return [dirname(named), named]
}

/** Kinds of files in dpkg's info directory that name files, one a line. */
const PATH_LISTS = new Set(['list', 'md5sums'])

/** Those that say what a library's users depend on: of what comes from the cross compiler's packages, theirs. man 1 dpkg-shlibdeps */
const LIBRARY_LISTS = ['shlibs', 'symbols']

function writeDatabase(
  {hostTree, twinTree, tree, names}: LayOutInput,
  changes: DatabaseChanges,
  fates: ReadonlyMap<string, Fate>,
  laidOut: ReadonlyMap<string, readonly string[]>,
): void {
  const status = readFileSync(join(hostTree, DPKG_DATABASE, 'status'), 'utf8')
  writeNew(join(tree, DPKG_DATABASE, 'status'), withSums(retargetStatus(status, changes), fates))
  makeDirectoryAtOnce(join(tree, INFO))
  const isThere = (line: string) => fates.get(mergedPath(line))?.kind !== 'leave-out'
  const isUnchanged = (line: string) => fates.get(mergedPath(`/${line.slice(34)}`))?.kind === 'keep'
  for (const file of readdirSync(join(hostTree, INFO))) {
    const to = retargetInfoName(file, changes)
    const kind = parseInfoName(file)?.kind ?? ''
    if (to === undefined || (LIBRARY_LISTS.includes(kind) && laidOut.has(parseInfoName(to)?.package ?? ''))) continue
    const text = readFileSync(join(hostTree, INFO, file), 'utf8')
    const kept = PATH_LISTS.has(kind)
      ? text
          .split('\n')
          .filter(line => line === '' || (kind === 'list' ? isThere(line) : isUnchanged(line)))
          .join('\n')
      : text
    writeNew(join(tree, INFO, to), retarget(kept, names), lstatSync(join(hostTree, INFO, file)).mode & 0o777)
  }
  const suffix = `-${names.target.architecture}-cross`
  for (const [name, files] of laidOut) {
    const info = (kind: string) => join(tree, INFO, `${name}:${names.target.architecture}.${kind}`)
    for (const kind of LIBRARY_LISTS) {
      const own = join(twinTree, INFO, `${name}${suffix}.${kind}`)
      if (existsSync(own)) writeNew(info(kind), ownNames(readFileSync(own, 'utf8'), names))
    }
    addLines(info('list'), files)
    addLines(
      info('md5sums'),
      files.filter(path => lstatSync(join(tree, path)).isFile()).map(path => `${sumOf(join(tree, path))}  ${path.slice(1)}`),
    )
  }
}

/** Of configuration files that are others now: a line ` PATH SUM` each. man 5 deb-control, Conffiles */
function withSums(status: string, fates: ReadonlyMap<string, Fate>): string {
  const sums = new Map([...fates.values()].flatMap(fate => (fate.kind === 'rewrite' ? [[fate.to, md5(fate.text)] as const] : [])))
  return status.replace(/^ (\/\S+) [0-9a-f]{32}/gm, (line, path: string) => (sums.has(path) ? ` ${path} ${sums.get(path)}` : line))
}

function addLines(path: string, more: readonly string[]): void {
  const known = lines(path)
  rmSync(path, {force: true})
  writeNew(path, `${[...new Set([...known, ...more])].join('\n')}\n`)
}

const md5 = (content: string | Buffer) => createHash('md5').update(content).digest('hex')
const sumOf = (path: string) => md5(readFileSync(path))
