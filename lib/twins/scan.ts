import {lstatSync, readlinkSync, realpathSync} from 'node:fs'
import {link, readFile, writeFile} from 'node:fs/promises'
import {basename, dirname, join, relative} from 'node:path'
import {dropSearched, type Linking, readLinking} from '../core/elf/linking.js'
import {importedNames, parseImage} from '../core/elf/sections.js'
import type {HostArchitecture} from '../core/hosts/host.js'
import {CROSS} from '../core/twins/host-texts.js'
import {type Asking, askedFamilies, askingFiles} from '../core/twins/run-time-modules.js'
import {
  isSearchShown,
  leftOver,
  nameWhatIsThere,
  type Scanned,
  type ScanPlace,
  searchedDirectories,
  shownDirectory,
  unfitTwins,
} from '../core/twins/scan.js'
import {isThere, makeDirectory} from '../host/files.js'
import {hostFiles} from './host-files.js'
import {readReasons, readUnadapted, writeReasons} from './unadapted.js'

/** Where a twin set keeps which of its programs and modules are no twins, and why. */
const UNFIT = 'var/lib/xbuild-env/unfit.json'
/** And which of them may load modules that a root's administrator has set up. */
const ASKING = 'var/lib/xbuild-env/asking.json'

export interface ScanInput {
  tree: string
  host: HostArchitecture
  /** The target's. */
  triple: string
}

/**
 * Makes the programs and libraries of a tree name only what a session has. `base`: the tree of a twin set that this one
 * comes to.
 */
export async function adaptPaths({tree, host, triple}: ScanInput, base?: string): Promise<void> {
  const trees = [tree, ...(base === undefined ? [] : [base])] as const
  const files = await hostFiles(tree, host)
  const around = surroundings(trees, [...files, ...(base === undefined ? [] : await hostFiles(base, host))], host, triple)
  for (const file of files)
    if (dirname(file) === OLD_DIRECTORY && LIBRARY.test(file)) await showLibrary(join(tree, file), tree, host.triple)
  for (const file of files) {
    const path = join(tree, file)
    const bytes = await readFile(path)
    const linking = readLinking(bytes)
    if (!linking) continue
    const place = {...around, file, kind: linking.kind}
    const isShown = isSearchShown(linking, place) || !(await showLibraries(linking, place, trees))
    if (!isShown) dropSearched(bytes)
    if (nameWhatIsThere(bytes, linking.loaded, place) || !isShown) await writeFile(path, bytes)
  }
}

/**
 * Finds which programs and modules of a whole twin set are no twins, since a session lacks what they ask for, and which may ask for modules
 * that depend on the root.
 */
export async function scanTwins({tree, host, triple}: ScanInput): Promise<void> {
  const files = await hostFiles(tree, host)
  const around = surroundings([tree], files, host, triple)
  const unadapted = readUnadapted(tree)
  const scanned = new Map<string, Scanned>()
  const asking = new Map<string, Asking>()
  for (const file of files) {
    const bytes = await readFile(join(tree, file))
    const linking = readLinking(bytes)
    if (!linking) continue
    const place = {...around, file, kind: linking.kind}
    const needed = linking.needed.map(name => findNeeded(name, linking, place, tree))
    const why = unadapted.get(file)
    scanned.set(file, {kind: linking.kind, needed, leftOver: [...(why === undefined ? [] : [why]), ...leftOver(bytes, linking, place)]})
    const image = parseImage(bytes)
    asking.set(file, {
      asks: askedFamilies(linking.needed, image ? importedNames(image) : []),
      libraries: needed.flatMap(one => (one.kind === 'found' ? [one.path] : [])),
    })
  }
  await writeReasons(tree, UNFIT, unfitTwins(scanned))
  await writeReasons(tree, ASKING, new Map([...askingFiles(asking)].map(([path, families]) => [path, [...families].join()])))
}

/** What a scan found, by paths; nothing where there was none. */
export const readScanned = (tree: string): ReadonlyMap<string, string> => readReasons(tree, UNFIT)

/** The families of modules that programs may load some of, by the programs' paths. */
export const readAsking = (tree: string): ReadonlyMap<string, readonly string[]> =>
  new Map([...readReasons(tree, ASKING)].map(([path, families]) => [path, families.split(',')]))

const LIBRARY = /\.so(\.[\d.]+)?$/

/** Where loaders look for libraries of all architectures; some packages still have theirs there, libnss-extrausers for one. */
const OLD_DIRECTORY = '/usr/lib'

/** Gives a library a second name among those that a session shows of a tree, if that is free. */
async function showLibrary(file: string, tree: string, host: string, name = basename(file)): Promise<void> {
  const directory = join(tree, shownDirectory(host))
  await makeDirectory(directory)
  const shown = join(directory, name)
  if (!isThere(shown)) await link(file, shown)
}

/** What is the same for all files of these trees. */
function surroundings(trees: readonly string[], files: readonly string[], host: HostArchitecture, triple: string) {
  const shown = `${shownDirectory(host.triple)}/`
  const directories = new Set(files.filter(file => LIBRARY.test(file)).map(file => dirname(file)))
  const isHidden = (directory: string) =>
    directory !== OLD_DIRECTORY &&
    !`${directory}/`.startsWith(shown) &&
    !directory.includes(`/${CROSS}/`) &&
    !directory.startsWith(`/usr/lib/${triple}`)
  const holds: ScanPlace['holds'] = path => {
    const wanted = path.replace(/\/+$/, '')
    if ([...directories].some(directory => `${directory}/`.startsWith(`${wanted}/`)) || files.includes(wanted)) return 'libraries'
    return trees.some(tree => isThere(join(tree, wanted))) ? 'other' : 'nothing'
  }
  return {host: host.triple, triple, holds, hidden: [...directories].filter(isHidden)}
}

/**
 * Puts the libraries that a file looks for in directories of its own among those that a session shows. Returns whether all
 * that it needs is there then, and it need not look elsewhere.
 */
async function showLibraries(linking: Linking, place: ScanPlace, trees: readonly string[]): Promise<boolean> {
  const shown = shownDirectory(place.host)
  for (const name of linking.needed) {
    const own = findLibrary(name, searchedDirectories(linking, place), trees)
    const there = findLibrary(name, [shown], trees)
    if (own === undefined || (there !== undefined && isSameFile(own, there))) continue
    if (there !== undefined) return false // another one of that name
    await showLibrary(own, trees[0] as string, place.host, name)
  }
  return true
}

/** The file of a library's name in the first of these directories that has it, in any of the trees. */
function findLibrary(name: string, directories: readonly string[], trees: readonly string[]): string | undefined {
  const places = directories.flatMap(directory => trees.map(tree => join(tree, directory)))
  return places.map(place => regularFile(place, name)).find(file => file !== undefined)
}

/** As many names as lead to a library: that of its interface, that of its version. */
const MOST_NAMES = 3

/** Names of libraries lead to others in the same directory; a link that leads elsewhere is not followed. */
function regularFile(directory: string, name: string): string | undefined {
  let last = name
  for (let i = 0; i < MOST_NAMES && !last.includes('/'); i++) {
    const path = join(directory, last)
    const status = lstatSync(path, {throwIfNoEntry: false})
    if (status?.isFile()) return path
    if (!status?.isSymbolicLink()) return undefined
    last = readlinkSync(path)
  }
  return undefined
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [lstatSync(one), lstatSync(other)]
  return a.ino === b.ino && a.dev === b.dev
}

function findNeeded(name: string, linking: Linking, place: ScanPlace, tree: string): Scanned['needed'][number] {
  const shown = shownDirectory(place.host)
  const path = findLibrary(name, [...searchedDirectories(linking, place).filter(one => `${one}/`.startsWith(`${shown}/`)), shown], [tree])
  if (path === undefined) return {kind: 'missing', name}
  const directory = relative(realpathSync(tree), realpathSync(dirname(path))) // a directory that is shown may have a second name
  return {kind: 'found', path: join('/', directory, basename(path))}
}
