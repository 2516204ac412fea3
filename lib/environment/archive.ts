import {createHash, randomBytes} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {open, readdir, rename, rm, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {XbuildError} from '../core/errors.js'
import {runAsMaker} from '../host/maker.js'
import {type ArchiveHeader, encodeHeader, HEADER_SIZE} from './archive-header.js'
import {type EnvironmentRecord, twinKeys} from './record.js'
import type {Store} from './store.js'

/** What an environment consists of, relative to the data home. Its work directory is overlayfs's own, and empty. */
export const partsOf = (record: EnvironmentRecord) => [
  `environments/${record.name}/upper`,
  `environments/${record.name}/routes`,
  `roots/${record.root}`,
  ...twinKeys(record).map(key => `twins/${key}`),
  ...record.layers.map(id => `layers/${id}`),
]

/** Owners as the session counts, so that another user can import it; the overlay's marks, and times to the nanosecond. */
export const TAR = [
  '--format=posix',
  '--numeric-owner',
  '--xattrs',
  '--xattrs-include=user.overlay.*',
  '--use-compress-program=gzip --no-name --fast',
]

/** What is the same makes the same archive: in one order, and without times that reading changes. */
const SAME = ['--sort=name', '--pax-option=delete=atime,delete=ctime']

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

export interface ExportOptions {
  signal: AbortSignal
  /** How many bytes are packed by now, before they are compressed. */
  onPacked?: (bytes: number) => void
}

/** Writes an environment, which the caller holds, into one file, which is whole when it has its name. Returns its bytes. */
export async function exportEnvironment(store: Store, record: EnvironmentRecord, file: string, options: ExportOptions): Promise<number> {
  const {signal} = options
  const partial = join(dirname(resolve(file)), `${PARTIAL}${randomBytes(4).toString('hex')}`)
  try {
    await writeNew(partial)
    const script = 'out=$1; shift; exec tar --create --file=- "$@" >>"$out"'
    const argv = ['sh', '-c', script, 'sh', partial, ...TAR, ...SAME, ...CHECKPOINTS, `--directory=${store.home}`, '--', ...partsOf(record)]
    await pack(argv, file, options)
    const size = (await stat(partial)).size - HEADER_SIZE
    await writeHeader(partial, {record, size, sha256: await hashBody(partial, signal)})
    await rename(partial, file)
    return size + HEADER_SIZE
  } catch (error) {
    await rm(partial, {force: true}).catch(() => undefined) // where it could not be made, the reason for that counts
    throw error
  }
}

async function writeNew(path: string): Promise<void> {
  const file = await open(path, 'wx').catch(error => {
    const why = error.code === 'ENOENT' ? 'is not a directory' : `cannot be written (${error.code})`
    throw new XbuildError('bad-output', `${dirname(path)} ${why}`, {
      hint: 'name a file in a directory of yours',
      cause: error,
    })
  })
  await file.write(Buffer.alloc(HEADER_SIZE, ' '))
  await file.close()
}

/** tar says how many records it has written, each some megabytes: https://www.gnu.org/software/tar/manual/html_section/checkpoints.html */
const CHECKPOINTS = ['--checkpoint=500', '--checkpoint-action=echo=%u']
const CHECKPOINT = /^tar: (\d+)$/
/** Bytes of a record, of twenty blocks, unless tar is told another number of them. */
const RECORD = 20 * 512

/** tar's word on a gzip that SIGXFSZ, 25, has ended, directly or through a shell: src/system.c of tar, man 7 signal. */
const TOO_LARGE = /^tar: Child (died with signal 25|returned status 153)$/

async function pack(argv: readonly string[], file: string, {signal, onPacked}: ExportOptions): Promise<void> {
  const errors: string[] = []
  const onLine = (line: string) => {
    const records = CHECKPOINT.exec(line)?.[1]
    if (records === undefined) errors.push(line)
    else onPacked?.(Number(records) * RECORD)
  }
  const {exitCode} = await runAsMaker(argv, {signal, onLine})
  if (exitCode === 0) return
  if (errors.some(line => TOO_LARGE.test(line))) {
    throw new XbuildError('bad-output', `${file} cannot be written: it is larger than this user's files may be`, {
      hint: 'an environment takes some 300 MB: ulimit -f unlimited',
    })
  }
  const why = errors.at(-1) ?? `tar ended with ${exitCode}`
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

/** Of what follows an archive's header. */
export async function hashBody(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, {start: HEADER_SIZE}), hash, {signal}).catch(error => {
    signal.throwIfAborted()
    throw error
  })
  return hash.digest('hex')
}
