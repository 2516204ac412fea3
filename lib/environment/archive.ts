import {createHash, randomBytes} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {mkdir, open, readdir, rename, rm, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {XbuildError} from '../core/errors.js'
import {isThere, makeDirectory} from '../host/files.js'
import {removeTree, runAsMaker} from '../host/maker.js'
import {makeOnce} from '../host/store.js'
import {type ArchiveHeader, encodeHeader, HEADER_SIZE, parseHeader} from './archive-header.js'
import {nameTaken} from './change.js'
import {writeRecord} from './freeze.js'
import {checkName, type EnvironmentRecord} from './record.js'
import {whileMaking} from './shared.js'
import type {Store} from './store.js'

/** What an environment consists of, relative to the data home. Its work directory is overlayfs's own, and empty. */
const partsOf = ({name, root, twins, layers}: EnvironmentRecord) => [
  `environments/${name}/upper`,
  `environments/${name}/routes`,
  `roots/${root}`,
  `twins/${twins}`,
  ...layers.map(id => `layers/${id}`),
]

/** Owners as the session counts, so that another user can import it; the overlay's marks, and times to the nanosecond. */
const TAR = ['--format=posix', '--numeric-owner', '--xattrs', '--xattrs-include=user.overlay.*', '--use-compress-program=gzip --fast']

/** How the names of files begin that are being written. */
const PARTIAL = '.xbuild-env-export-'

/** No export takes so long, in ms. */
const LONGEST_EXPORT = 24 * 60 * 60 * 1000

/** Removes what exports to a directory left that were killed. */
export async function removePartialExports(directory: string): Promise<void> {
  for (const name of (await readdir(directory)).filter(name => name.startsWith(PARTIAL))) {
    const file = join(directory, name)
    const written = (await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now() // one that has ended is gone
    if (Date.now() - written > LONGEST_EXPORT) await rm(file, {force: true})
  }
}

/** Writes an environment, which the caller holds, into one file, which is whole when it has its name. Returns its bytes. */
export async function exportEnvironment(store: Store, record: EnvironmentRecord, file: string, signal: AbortSignal): Promise<number> {
  const partial = join(dirname(resolve(file)), `${PARTIAL}${randomBytes(4).toString('hex')}`)
  try {
    await writeNew(partial)
    const script = 'out=$1; shift; exec tar --create --file=- "$@" >>"$out"'
    const argv = ['sh', '-c', script, 'sh', partial, ...TAR, `--directory=${store.home}`, '--', ...partsOf(record)]
    await pack(argv, file, signal)
    const size = (await stat(partial)).size - HEADER_SIZE
    await writeHeader(partial, {record, size, sha256: await hashBody(partial)})
    await rename(partial, file)
    return size + HEADER_SIZE
  } catch (error) {
    await rm(partial, {force: true})
    throw error
  }
}

async function writeNew(path: string): Promise<void> {
  const file = await open(path, 'wx').catch(error => {
    throw new XbuildError('bad-output', `${dirname(path)} cannot be written (${error.code})`, {
      hint: 'name a file in a directory of yours',
      cause: error,
    })
  })
  await file.write(Buffer.alloc(HEADER_SIZE, ' '))
  await file.close()
}

async function pack(argv: readonly string[], file: string, signal: AbortSignal): Promise<void> {
  const {exitCode, tail} = await runAsMaker(argv, {signal})
  signal.throwIfAborted()
  if (exitCode === 0) return
  const why = tail.at(-1) ?? `tar ended with ${exitCode}`
  throw new XbuildError(/No space left/.test(why) ? 'no-space' : 'bad-output', `${file} cannot be written: ${why}`, {
    hint: 'an environment takes some 300 MB there',
  })
}

async function writeHeader(path: string, header: ArchiveHeader): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.write(encodeHeader(header), 0, HEADER_SIZE, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function hashBody(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, {start: HEADER_SIZE}), hash)
  return hash.digest('hex')
}

/** Makes an environment of such a file; nothing of it shows before it is complete. What is there already is not unpacked. */
export async function importEnvironment(
  store: Store,
  file: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<EnvironmentRecord> {
  const header = await readHeader(file)
  const record = {...header.record, name: name ?? header.record.name}
  checkName(record.name)
  if ((await store.names()).includes(record.name)) throw nameTaken(record.name)
  await checkBody(file, header)
  const fill = (directory: string) => unpack(store, file, header.record, {...record}, directory, signal)
  const made = await whileMaking(store, signal, () => makeOnce(store.environments, record.name, fill, signal))
  if (made === 'there') throw nameTaken(record.name)
  return record
}

/** The record of an exported environment: what it says before its files are looked at. */
export const readArchivedRecord = async (file: string): Promise<EnvironmentRecord> => (await readHeader(file)).record

async function readHeader(path: string): Promise<ArchiveHeader> {
  const file = await open(path).catch(error => {
    throw new XbuildError('bad-archive', `${path} cannot be read (${error.code})`, {
      hint: 'name a file that "xbuild-env export" made',
      cause: error,
    })
  })
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(HEADER_SIZE), 0, HEADER_SIZE, 0)
    return parseHeader(buffer.subarray(0, bytesRead), path)
  } finally {
    await file.close()
  }
}

async function checkBody(file: string, {size, sha256}: ArchiveHeader): Promise<void> {
  const is = (await stat(file)).size - HEADER_SIZE
  const why = is === size ? (await hashBody(file)) !== sha256 && 'its checksum is another' : `${is} of ${size} bytes are there`
  if (!why) return
  throw new XbuildError('bad-archive', `${file} is damaged: ${why}`, {hint: 'copy it again, or export it again'})
}

async function unpack(
  store: Store,
  file: string,
  exported: EnvironmentRecord,
  record: EnvironmentRecord,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const within = join(directory, 'import')
  await mkdir(within)
  const missing = partsOf(exported).filter(part => part.startsWith('environments/') || !isThere(join(store.home, part)))
  const script = 'from=$1 file=$2; shift 2; tail -c "+$from" "$file" | tar --extract --file=- "$@"'
  const argv = [
    'sh',
    '-c',
    script,
    'sh',
    String(HEADER_SIZE + 1),
    resolve(file),
    '--preserve-permissions',
    ...TAR,
    `--directory=${within}`,
    '--',
    ...missing,
  ]
  const {exitCode, tail} = await runAsMaker(argv, {signal})
  signal.throwIfAborted()
  if (exitCode !== 0) {
    const why = tail.at(-1) ?? `tar ended with ${exitCode}`
    throw new XbuildError(/No space left/.test(why) ? 'no-space' : 'bad-archive', `${file} cannot be unpacked: ${why}`, {
      hint: 'free some space, or keep the data elsewhere: XBUILD_ENV_DATA=/a/larger/disk',
    })
  }
  for (const part of missing) {
    const own = part.startsWith('environments/')
    const place = own ? join(directory, part.slice(part.lastIndexOf('/') + 1)) : join(store.home, part)
    await makeDirectory(dirname(place))
    if (!isThere(place)) await rename(join(within, part), place)
  }
  await removeTree(within)
  await makeDirectory(store.environmentAt(directory, record.name).work)
  await writeRecord(store.environmentAt(directory, record.name).record, record)
}
