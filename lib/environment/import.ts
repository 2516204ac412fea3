import {closeSync, readSync, type Stats} from 'node:fs'
import {mkdir, rename, stat} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {openRegular, Tree} from '../host/beneath.js'
import {isThere, makeClosedDirectory, makeDirectory} from '../host/files.js'
import {removeTree, runAsMaker} from '../host/maker.js'
import {makeOnce} from '../host/store.js'
import {hashBody, partsOf, TAR} from './archive.js'
import {type ArchiveHeader, HEADER_SIZE, importedKey, parseHeader} from './archive-header.js'
import {nameTaken} from './change.js'
import {type BuildFor, checkName, type EnvironmentRecord, withoutBuild, writeRecord} from './record.js'
import {whileMaking} from './shared.js'
import type {Store} from './store.js'

/** A file that `export` may have made. */
interface Archive {
  path: string
  header: ArchiveHeader
  /** Of all that comes out of it. */
  key: string
  /** Tells whether the file was changed since. */
  status: Stats
}

/** Something that an archive holds, by its path there, and where it goes. */
interface Part {
  name: string
  place: string
  /** `own` is the environment's; what is `shared` may be there already, from the same archive. */
  of: 'own' | 'shared'
}

/**
 * Makes an environment of a file that `export` made; nothing of it shows before it is complete. Its root, twin set and layers
 * are kept apart from those made here; whoever made it for what builds, none takes it for its own unless `build` says so. Throws `bad-archive`, before anything has got its name.
 */
export async function importEnvironment(
  store: Store,
  file: string,
  {name, build}: {name: string | undefined; build?: BuildFor},
  signal: AbortSignal,
): Promise<EnvironmentRecord> {
  const archive = readArchive(file)
  const imported = importedRecord(archive, name ?? archive.header.record.name)
  const record = {...withoutBuild(imported), ...(build === undefined ? {} : {build})}
  checkName(record.name)
  if ((await store.names()).includes(record.name)) throw nameTaken(record.name)
  await checkBody(archive, signal)
  const fill = (directory: string) => unpack(store, archive, record, directory, signal)
  const made = await whileMaking(store, signal, () => makeOnce(store.environments, record.name, fill, signal))
  if (made === 'there') throw nameTaken(record.name)
  return record
}

/** What a file says of the environment in it, before anything of that is looked at, and the key of what would come out of it. */
export function readArchived(file: string): {record: EnvironmentRecord; key: string} {
  const {header, key} = readArchive(file)
  return {record: header.record, key}
}

function importedRecord({header: {record}, key}: Archive, name: string): EnvironmentRecord {
  const own = {name, root: key, layers: record.layers.map((_, i) => `${key}-${i}`)}
  switch (record.programs) {
    case 'emulated':
      return {...record, ...own, twins: key}
    case 'native':
      return {...record, ...own}
  }
}

function readArchive(path: string): Archive {
  const file = openRegular(path)
  if (file.kind !== 'found') {
    throw new XbuildError('bad-archive', `${path} ${file.why}`, {hint: 'name a file that "xbuild-env export" made'})
  }
  const {fd, status} = file.value
  try {
    const bytes = Buffer.alloc(HEADER_SIZE)
    const header = bytes.subarray(0, readSync(fd, bytes, 0, HEADER_SIZE, 0))
    return {path: resolve(path), header: parseHeader(header, path), key: importedKey(header), status}
  } finally {
    closeSync(fd)
  }
}

async function checkBody({path, header: {size, sha256}, status}: Archive, signal: AbortSignal): Promise<void> {
  const is = status.size - HEADER_SIZE
  const why = is === size ? (await hashBody(path, signal)) !== sha256 && 'its checksum does not match' : `${is} of ${size} bytes are there`
  if (why) throw damaged(path, why)
}

const damaged = (path: string, why: string) =>
  new XbuildError('bad-archive', `${path} is damaged: ${why}`, {hint: 'copy it again, or export it again'})

/** What was unpacked is what was checked, or nothing of it gets its name. */
async function checkUnchanged({path, status}: Archive): Promise<void> {
  const now = await stat(path)
  const isSame = now.ino === status.ino && now.dev === status.dev && now.size === status.size && now.ctimeMs === status.ctimeMs
  if (!isSame) throw damaged(path, 'it was changed while it was read')
}

/** The parts in the order of `partsOf`. */
function planParts(store: Store, {header}: Archive, record: EnvironmentRecord, directory: string): Part[] {
  const places = partsOf(record)
  return partsOf(header.record).map((name, i): Part => {
    const place = places[i] as string
    return i < OWN_PARTS ? {name, place: join(directory, basename(place)), of: 'own'} : {name, place: join(store.home, place), of: 'shared'}
  })
}

/** How many of an archive's parts are the environment's own: its changes, and its routes. */
const OWN_PARTS = 2

async function unpack(store: Store, archive: Archive, record: EnvironmentRecord, directory: string, signal: AbortSignal): Promise<void> {
  const within = join(directory, 'import')
  await mkdir(within)
  const parts = planParts(store, archive, record, directory).filter(({of, place}) => of === 'own' || !isThere(place))
  await extract(archive.path, parts, within, signal)
  await checkUnchanged(archive)
  checkParts(archive.path, within, parts)
  for (const {name, place} of parts) {
    await makeClosedDirectory(dirname(place))
    await rename(join(within, name), place)
  }
  await removeTree(within)
  await makeDirectory(store.environmentAt(directory, record.name).work)
  await writeRecord(store.environmentAt(directory, record.name).record, record)
}

/** GNU tar's last words, which say nothing of what was wrong. */
const FAREWELL = /^tar: (Exiting with failure status|Error is not recoverable)/

/** GNU tar takes neither names that are absolute or go up, nor a way through a link that it has just unpacked. */
async function extract(path: string, parts: readonly Part[], within: string, signal: AbortSignal): Promise<void> {
  const script = 'from=$1 file=$2; shift 2; tail -c "+$from" -- "$file" | tar --extract --file=- "$@"'
  const options = ['--preserve-permissions', ...TAR, `--directory=${within}`, '--', ...parts.map(({name}) => name)]
  const {exitCode, tail} = await runAsMaker(['sh', '-c', script, 'sh', String(HEADER_SIZE + 1), path, ...options], {signal})
  if (exitCode === 0) return
  const why = tail.find(line => !FAREWELL.test(line)) ?? `tar ended with ${exitCode}`
  if (/No space left/.test(why)) {
    throw new XbuildError('no-space', `${path} cannot be unpacked: ${why}`, {
      hint: 'free some space, or keep the data elsewhere: XBUILD_ENV_DATA=/a/larger/disk',
    })
  }
  throw new XbuildError('bad-archive', `${path} cannot be unpacked: ${why}`, {hint: 'export it again'})
}

/**
 * What this program opens by its path must be what is to lie there: each part a directory, the trees in them directories, and
 * the routes regular files that have no second name. What is in the trees, sessions look at.
 */
function checkParts(path: string, within: string, parts: readonly Part[]): void {
  const tree = new Tree([within], 'refused')
  for (const {name, of} of parts) {
    const isUpper = of === 'own' && basename(name) === 'upper'
    const wrong = isUpper ? wrongDirectory(tree, name) : wrongFiles(tree, name, of === 'own' ? 'below' : 'here')
    if (wrong !== undefined) {
      throw new XbuildError('bad-archive', `${path} is not an exported environment: ${wrong}`, {
        hint: 'it must be a file made by "xbuild-env export", unchanged',
      })
    }
  }
}

function wrongDirectory(tree: Tree, path: string): string | undefined {
  const status = tree.status(path, 'itself')
  if (status.kind !== 'found') return `${path} ${status.why}`
  return status.value.isDirectory() ? undefined : `${path} is not a directory`
}

function wrongFiles(tree: Tree, path: string, files: 'here' | 'below'): string | undefined {
  const entries = tree.list(path)
  if (entries.kind !== 'found') return `${path} ${entries.why}`
  for (const {name} of entries.value) {
    const entry = join(path, name)
    const status = tree.status(entry, 'itself')
    if (status.kind !== 'found') return `${entry} ${status.why}`
    const isGood = status.value.isDirectory() || (status.value.isFile() && status.value.nlink === 1)
    if (!isGood) return `${entry} is not a file of an environment`
    const below = status.value.isDirectory() && files === 'below' ? wrongFiles(tree, entry, 'here') : undefined
    if (below !== undefined) return below
  }
  return undefined
}
