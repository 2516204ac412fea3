import {closeSync, lstatSync, realpathSync, statSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {basename, dirname, join, relative, resolve} from 'node:path'
import {parseStanzas} from '../core/debian/deb822.js'
import {isVersion} from '../core/debian/packages.js'
import {
  controlArchitectures,
  isForAllAlone,
  parseChangelog,
  parseDsc,
  type SourceControl,
  type SourceName,
  sourceDirectory,
} from '../core/debian/source-package.js'
import {XbuildError} from '../core/errors.js'
import {relatedNames} from '../core/stubs/reach.js'
import {openRegular, readRegular, Tree} from '../host/beneath.js'
import {copyBytes, isThere} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {copyTree} from '../host/tree.js'
import {CORE_DEPENDS, type DebPlan, type DebSource} from './deb-plan.js'

/** Bytes: more than any control file or changelog. */
const TEXT_LIMIT = 16 * 2 ** 20

/** Debian Policy 5.6.1 and 5.6.12 */
const WANTED = /^([a-z0-9][a-z0-9+.-]*)(?:=(.+))?$/

/**
 * What a word of the command line means: a path has a slash, ends in .dsc, or is `.` or `..`; else it is a package. `output` is
 * the directory that gets the results: it is not part of a source tree.
 */
export function readSource(word: string, output: string): DebSource {
  if (isPath(word)) return word.endsWith('.dsc') ? readDsc(word) : readDirectory(word, output)
  const [, name = '', version] = WANTED.exec(word) ?? []
  if (name === '' || name.endsWith('-') || (version !== undefined && !isVersion(version))) {
    throw new XbuildError('usage', `"${word}" is not the name of a source package`, {
      hint: 'NAME or NAME=VERSION; a source tree is named with a slash (./NAME), a .dsc by its file',
    })
  }
  return {kind: 'archive', name, version, named: 'any'}
}

/** Whether a word means what lies on the host. */
export const isPath = (word: string) => word.includes('/') || word.endsWith('.dsc') || word === '.' || word === '..'

function readDirectory(word: string, output: string): DebSource {
  const wrong = (why: string) =>
    new XbuildError('bad-directory', `${resolve(word)} ${why}`, {hint: 'name a source tree that has debian/control and debian/changelog'})
  if (!isThere(word)) throw wrong('does not exist')
  if (!statSync(word).isDirectory()) throw wrong('is not a directory')
  const path = realpathSync(word)
  const tree = new Tree([path], 'within')
  const [control, changelog] = ['debian/control', 'debian/changelog'].map(name => {
    const text = tree.read(name, TEXT_LIMIT)
    if (text.kind !== 'found') throw wrong(`is not a source package: ${name} ${text.why}`)
    return text.value.toString()
  }) as [string, string]
  const named = parseChangelog(changelog)
  if (!named) throw wrong('is not a source package: debian/changelog does not begin with "NAME (VERSION) …"')
  if (controlArchitectures(control).length === 0)
    throw wrong('is not a source package: debian/control names no package with an architecture')
  const within = relative(path, output)
  return {kind: 'directory', path, without: within === '' || within.startsWith('..') ? undefined : within, ...named}
}

function readDsc(word: string): DebSource {
  const path = resolve(word)
  const wrong = (why: string) => new XbuildError('bad-source', `${path} ${why}`, {hint: 'name the .dsc of a source package'})
  const text = readRegular(path, TEXT_LIMIT)
  if (text.kind !== 'found') throw wrong(text.why)
  const control = parseDsc(text.value.toString())
  if (!control) throw wrong('is not a .dsc: it has no Source, Version and Checksums-Sha256')
  if (control.files.some(({name}) => name.endsWith('.dsc'))) throw wrong('is not a .dsc: it names another one, or itself')
  for (const {name, size} of control.files) {
    const file = join(dirname(path), name)
    if (!isThere(file)) {
      throw new XbuildError('bad-source', `${path} needs ${name}, which is not beside it`, {hint: 'get all files that the .dsc names'})
    }
    if (statSync(file).size === size) continue
    throw new XbuildError('bad-source', `${file} has ${statSync(file).size} of the ${size} bytes that the .dsc says`, {
      hint: 'get it again',
    })
  }
  return {kind: 'dsc', path, files: control.files.map(({name}) => name), name: control.name, version: control.version}
}

/** Puts what of a source lies on the host into a directory, which sessions are shown. */
export async function bringSource(source: DebSource, directory: string, signal: AbortSignal): Promise<void> {
  if (source.kind === 'directory') {
    const copy = join(directory, sourceDirectory(source))
    await copyTree(source.path, copy, signal)
    if (source.without !== undefined && isInside(copy, source.without)) await removeTree(join(copy, source.without))
  }
  if (source.kind !== 'dsc') return
  for (const name of [basename(source.path), ...source.files]) {
    signal.throwIfAborted()
    await copyFile(join(dirname(source.path), name), join(directory, name), signal)
  }
}

/** Whether a path leads through directories alone. */
function isInside(tree: string, path: string): boolean {
  const place = new Tree([tree], 'refused').openDirectory(path)
  if (place.kind !== 'found') return false
  closeSync(place.value)
  return lstatSync(join(tree, path)).isDirectory()
}

async function copyFile(from: string, to: string, signal: AbortSignal): Promise<void> {
  const found = openRegular(from)
  if (found.kind !== 'found') throw new XbuildError('bad-source', `${from} ${found.why}`, {hint: 'get all files that the .dsc names'})
  const {fd, status} = found.value
  const file = await open(to, 'wx', 0o644).catch(error => {
    closeSync(fd)
    throw error
  })
  try {
    await copyBytes({fd, size: status.size}, file.fd, signal)
  } finally {
    closeSync(fd)
    await file.close()
  }
}

/** The .dsc that a session fetched or was given. */
export function findDsc(directory: string): {file: string; control: SourceControl} {
  const tree = new Tree([directory], 'refused')
  const entries = tree.list('.')
  const names = entries.kind === 'found' ? entries.value.map(({name}) => name).filter(name => name.endsWith('.dsc')) : []
  const file = names[0]
  const text = file === undefined ? undefined : tree.read(file, TEXT_LIMIT)
  const control = text?.kind === 'found' ? parseDsc(text.value.toString()) : undefined
  if (file === undefined || names.length > 1 || !control) {
    throw new XbuildError('bad-source', `apt-get left ${names.length === 0 ? 'no .dsc' : 'no .dsc that can be read'}`, {
      hint: 'name the package with its version: NAME=VERSION',
    })
  }
  return {file, control}
}

/** Fields of a source's own: what a build needs. Debian Policy 7.7 */
const BUILD_DEPENDS = ['build-depends', 'build-depends-arch', 'build-depends-indep']

/** The names of all that a build may have installed, before what they depend on. `directory` has the source's tree. */
export function wantedNames(directory: string, source: SourceName): string[] {
  const control = new Tree([directory], 'within').read(`${sourceDirectory(source)}/debian/control`, TEXT_LIMIT)
  const [first] = control.kind === 'found' ? parseStanzas(control.value.toString()) : []
  const own = BUILD_DEPENDS.flatMap(field => relatedNames(first?.get(field) ?? ''))
  return [...own, ...relatedNames(CORE_DEPENDS), 'build-essential']
}

/** Refuses a build of packages for the environment's architecture where there is none. `directory` has the source's tree. */
export function checkArchitectures({packages}: DebPlan, source: SourceName, directory: string): void {
  const {name} = source
  const control = new Tree([directory], 'within').read(`${sourceDirectory(source)}/debian/control`, TEXT_LIMIT)
  const architectures = control.kind === 'found' ? controlArchitectures(control.value.toString()) : []
  if (packages === 'all' || !isForAllAlone(architectures)) return
  throw new XbuildError('bad-source', `all packages of ${name} are for all architectures: there is none to be built for this one`, {
    hint: 'build them too: --all',
  })
}
