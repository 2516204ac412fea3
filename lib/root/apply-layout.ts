import {createHash} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {basename, dirname, join, relative, resolve} from 'node:path'
import {crossSourceVersion, DPKG_DATABASE, type InstalledPackage, mergedPath, parseStatus} from '../core/debian/packages.js'
import {parseElf} from '../core/elf/header.js'
import {STUB} from '../core/places.js'
import {makeDirectoryAtOnce} from '../host/files.js'
import {type DatabaseChanges, parseInfoName, retargetInfoName, retargetStatus} from './database.js'
import {
  crossPath,
  type Fate,
  fateOf,
  type HostFile,
  type LayoutNames,
  type LayoutRules,
  retarget,
  rewriteLinkerScript,
} from './layout-rules.js'

export interface LayOutInput {
  names: LayoutNames
  endian: 'little' | 'big'
  /** The first bytes of a program of the target: what a stub is until there is a compiler to make one. */
  magic: Buffer
  /** Packages of the compiler in the root, and the twin set's packages that hold their twins. */
  compilers: Readonly<Record<string, string>>
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
  const replaced = host.filter(pack => changes.gone.has(retarget(pack.name, names)) || cross.has(retarget(pack.name, names)))
  const replacedPaths = new Set(replaced.flatMap(pack => listOf(hostTree, pack)))
  const rules: LayoutRules = {names, endian: input.endian, isReplaced: path => replacedPaths.has(path)}
  makeStub(input)
  const fates = new Map<string, Fate>()
  for (const {file, stats} of readTree(hostTree, '/')) {
    const fate = fateOf(file, rules)
    fates.set(file.path, fate)
    place(input, file, stats, fate)
  }
  const laidOut = new Map([...cross].map(([name, files]) => [name, placeCross(input, files)]))
  placeCompilerData(input, `/usr/lib/${names.target.triple}`)
  linkLoader(input)
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
  {twinTree, names, compilers}: LayOutInput,
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
  const sources = new Set(host.filter(pack => cross.has(pack.name)).map(pack => pack.source))
  // A library without headers, or headers without the library, would mislead whoever looks for either.
  const isGone = (pack: InstalledPackage) =>
    pack.architecture === names.host.debian &&
    !versions.has(retarget(pack.name, names)) &&
    (/^lib.*-dev$/.test(pack.name) || (/^lib.*\d$/.test(pack.name) && sources.has(pack.source)))
  return {names, versions, gone: new Set(host.filter(isGone).map(pack => retarget(pack.name, names)))}
}

const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])

const listOf = (tree: string, {name, architecture}: InstalledPackage) =>
  [`${name}.list`, `${name}:${architecture}.list`].flatMap(file => lines(join(tree, INFO, file))).map(mergedPath)

/** Directories with files that may name the host, or be its programs. dpkg's database is treated on its own. */
const LOOKED_INTO = /^\/(etc|usr\/(bin|sbin|lib|lib32|lib64|libx32|libexec))\//

const MAX_TEXT = 1 << 18

function* readTree(tree: string, directory: string): Generator<{file: HostFile; stats: Stats}> {
  for (const name of readdirSync(join(tree, directory)).sort()) {
    const path = join(directory, name)
    if (path === `/${INFO}`) continue
    const stats = lstatSync(join(tree, path))
    const kind = stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : stats.isFile() ? 'file' : undefined
    if (kind === undefined) continue // devices, which a session has of its own
    const content = kind === 'file' && LOOKED_INTO.test(path) ? contentOf(join(tree, path), stats.size) : ({kind: 'other'} as const)
    yield {file: {path, kind, content}, stats}
    if (kind === 'directory') yield* readTree(tree, path)
  }
}

function contentOf(path: string, size: number): HostFile['content'] {
  const head = Buffer.alloc(4096)
  const file = openSync(path, 'r')
  const length = readSync(file, head, 0, head.length, 0)
  closeSync(file)
  const header = parseElf(head.subarray(0, length))
  if (header) return {kind: 'elf', header}
  if (size > MAX_TEXT || head.subarray(0, length).includes(0)) return {kind: 'other'}
  return {kind: 'text', text: readFileSync(path, 'utf8')}
}

/** One file for all: what a compiler makes of it later, all of them are. */
function makeStub({tree, magic}: LayOutInput): void {
  const path = join(tree, STUB)
  makeDirectoryAtOnce(dirname(path))
  const bytes = Buffer.alloc(ELF_HEADER_SIZE)
  magic.copy(bytes)
  writeNew(path, bytes, 0o755)
}

/** <elf.h>: sizeof(Elf64_Ehdr), the larger of the two. */
const ELF_HEADER_SIZE = 64

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

/** Places the files of a package of the cross compiler's. Returns where they are now. */
function placeCross(input: LayOutInput, files: readonly string[]): string[] {
  const {names, hostTree, twinTree, tree} = input
  const map = (path: string) => crossPath(path, names, header => existsSync(join(hostTree, header)))
  const placed: string[] = []
  for (const path of files) {
    const from = join(twinTree, path)
    const to = map(path)
    const stats = to === undefined ? undefined : lstatSync(from)
    if (to === undefined || stats?.isDirectory()) continue
    makeDirectoryAtOnce(dirname(join(tree, to)))
    if (stats?.isSymbolicLink()) {
      const aim = map(resolve(dirname(path), readlinkSync(from)))
      if (aim === undefined) continue
      symlinkSync(relative(dirname(to), aim) || basename(aim), join(tree, to))
    } else if (isLinkerScript(from)) {
      writeNew(join(tree, to), rewriteLinkerScript(readFileSync(from, 'utf8'), names.target.triple))
    } else linkSync(from, join(tree, to))
    placed.push(to)
  }
  return placed
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

/** Never into a file that is there: it may be a link to one of the host's root. */
const writeNew = (path: string, text: string | Buffer, mode = 0o644) => writeFileSync(path, text, {flag: 'wx', mode})

/** A library that is text: info ld, "Implicit Linker Scripts". */
const isLinkerScript = (path: string) => path.endsWith('.so') && contentOf(path, 0).kind === 'text'

/** Programs name their dynamic loader by a path that the C library, which is a program too, has as well. */
function linkLoader({tree, names}: LayOutInput): void {
  const libraries = `/usr/lib/${names.target.triple}`
  const library = readdirSync(join(tree, libraries)).find(name => /^libc\.so\.[\d.]+$/.test(name))
  if (library === undefined) throw new Error(`there is no C library in ${libraries}`)
  const bytes = readFileSync(join(tree, libraries, library))
  const place = parseElf(bytes)?.interpreter
  if (!place) throw new Error(`${library} names no dynamic loader`)
  const loader = mergedPath(bytes.toString('latin1', place.offset, bytes.indexOf(0, place.offset)))
  if (existsSync(join(tree, loader))) return
  makeDirectoryAtOnce(dirname(join(tree, loader)))
  symlinkSync(relative(dirname(loader), `${libraries}/${basename(loader)}`), join(tree, loader))
}

/** Kinds of files in dpkg's info directory that name files, one a line. */
const PATH_LISTS = new Set(['list', 'md5sums'])

function writeDatabase(
  {hostTree, tree, names}: LayOutInput,
  changes: DatabaseChanges,
  fates: ReadonlyMap<string, Fate>,
  laidOut: ReadonlyMap<string, readonly string[]>,
): void {
  const status = readFileSync(join(hostTree, DPKG_DATABASE, 'status'), 'utf8')
  writeNew(join(tree, DPKG_DATABASE, 'status'), retargetStatus(status, changes))
  makeDirectoryAtOnce(join(tree, INFO))
  const isThere = (line: string) => fates.get(mergedPath(line))?.kind !== 'leave-out'
  const isUnchanged = (line: string) => fates.get(mergedPath(`/${line.slice(34)}`))?.kind === 'keep'
  for (const file of readdirSync(join(hostTree, INFO))) {
    const to = retargetInfoName(file, changes)
    const kind = parseInfoName(file)?.kind ?? ''
    if (to === undefined) continue
    const text = readFileSync(join(hostTree, INFO, file), 'utf8')
    const kept = PATH_LISTS.has(kind)
      ? text
          .split('\n')
          .filter(line => line === '' || (kind === 'list' ? isThere(line) : isUnchanged(line)))
          .join('\n')
      : text
    writeNew(join(tree, INFO, to), retarget(kept, names), lstatSync(join(hostTree, INFO, file)).mode & 0o777)
  }
  for (const [name, files] of laidOut) {
    const info = (kind: string) => join(tree, INFO, `${name}:${names.target.architecture}.${kind}`)
    addLines(info('list'), files)
    addLines(
      info('md5sums'),
      files.filter(path => lstatSync(join(tree, path)).isFile()).map(path => `${sumOf(join(tree, path))}  ${path.slice(1)}`),
    )
  }
}

function addLines(path: string, more: readonly string[]): void {
  const known = lines(path)
  rmSync(path, {force: true})
  writeNew(path, `${[...new Set([...known, ...more])].join('\n')}\n`)
}

const sumOf = (path: string) => createHash('md5').update(readFileSync(path)).digest('hex')
