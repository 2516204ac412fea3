import {createHash} from 'node:crypto'
import {closeSync, createReadStream} from 'node:fs'
import {readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {FIND_FORMAT, parseTree, type TreeEntry} from '../core/compare/tree-entry.js'
import {XbuildError} from '../core/errors.js'
import type {UpperLayer} from '../core/project/view-state.js'
import {Tree} from './beneath.js'
import {runAsMaker} from './maker.js'
import {shim} from './shims.js'

/** Runs a program on a tree, as root of a user namespace, which may read and write all that builds of the user's made. */
async function work(argv: readonly string[], signal: AbortSignal, failure: (why: string) => XbuildError): Promise<void> {
  const {exitCode, tail} = await runAsMaker(argv, {signal})
  if (exitCode === 0) return
  const why = tail.at(-1) ?? `${argv[0]} ended with ${exitCode}`
  throw /No space left|quota exceeded/.test(why) ? noSpace(why) : failure(why)
}

/** For the trees, which are temporary files. */
export const noSpace = (why: string, cause?: unknown) =>
  new XbuildError('no-space', `no space left for the copies of the tree: ${why}`, {
    hint: 'name a directory on a larger disk: TMPDIR=/some/directory',
    cause,
  })

/** Copies a tree with all owners, modes and times, sharing its blocks where the file system can. `copy` is not there yet. */
export const copyTree = (tree: string, copy: string, signal: AbortSignal): Promise<void> =>
  work(
    ['cp', '-a', '--reflink=auto', '--', tree, copy],
    signal,
    why => new XbuildError('bad-directory', `${tree} cannot be copied: ${why}`, {hint: 'the whole directory has to be readable'}),
  )

/** All that is in a tree, by path, whoever owns it. `list` is a file to be made meanwhile. */
export async function listTree(tree: string, list: string, signal: AbortSignal): Promise<Map<string, TreeEntry>> {
  await work(['find', tree, '-fprintf', list, FIND_FORMAT], signal, why => unreadable(tree, why))
  const text = await readFile(list, 'latin1')
  await rm(list)
  return parseTree(text)
}

/** All that is in an overlay's upper layer, and which of its directories hide the lower layer's. `list` as above. */
export async function listUpper(upper: string, list: string, signal: AbortSignal): Promise<UpperLayer> {
  const opaque = `${list}.opaque`
  const script = 'find "$1" -fprintf "$2" "$3" && "$4" "$1" "$5"'
  await work(['sh', '-c', script, 'sh', upper, list, FIND_FORMAT, shim('xbuild-opaque'), opaque], signal, why => unreadable(upper, why))
  const [entries, directories] = [await readFile(list, 'latin1'), await readFile(opaque, 'latin1')]
  await rm(list)
  await rm(opaque)
  return {entries: parseTree(entries), opaque: new Set(directories.split('\0').filter(Boolean))}
}

/** Removes paths of a tree, whoever owns them. `list` is a file to be made meanwhile. */
export async function removePaths(tree: string, paths: readonly string[], list: string, signal: AbortSignal): Promise<void> {
  if (paths.length === 0) return
  await writeFile(list, paths.map(path => `${path}\0`).join(''), 'latin1')
  const script = 'cd "$1" && xargs -0 -a "$2" rm -rf --'
  await work(['sh', '-c', script, 'sh', tree, list], signal, why => unreadable(tree, why))
  await rm(list)
}

const unreadable = (tree: string, why: string) =>
  new XbuildError('session-failed', `${tree} cannot be read: ${why}`, {hint: 'does something else change it meanwhile?'})

/** Gives a tree that has been listed to the user who runs xbuild-env, who can read all of it then. */
export async function takeTree(tree: string, signal: AbortSignal): Promise<void> {
  if (process.geteuid?.() === 0) return // reads everything anyway
  await work(['chown', '-Rh', '0:0', '--', tree], signal, why => unreadable(tree, why))
  await work(['chmod', '-R', 'u+rX', '--', tree], signal, why => unreadable(tree, why))
}

/** A path of a tree as the bytes that it is: `TreeEntry.path` has one character for each. */
export const pathIn = (tree: string, path: string): Buffer => Buffer.concat([Buffer.from(join(tree, '/')), Buffer.from(path, 'latin1')])

/** A file of a tree; undefined where it has more bytes than `limit`. */
export function readFileIn(tree: string, entry: TreeEntry, limit: number): Buffer | undefined {
  const found = new Tree([tree], 'refused').read(Buffer.from(entry.path, 'latin1'), limit)
  if (found.kind === 'found' || found.kind === 'too-large') return found.kind === 'found' ? found.value : undefined
  throw unreadable(tree, `/${found.at} ${found.why}`)
}

/** sha256 of a file of a tree, however large. */
export async function hashFileIn(tree: string, entry: TreeEntry): Promise<string> {
  const file = new Tree([tree], 'refused').open(Buffer.from(entry.path, 'latin1'))
  if (file.kind !== 'found') throw unreadable(tree, `/${file.at} ${file.why}`)
  const {fd, status} = file.value
  const hash = createHash('sha256')
  try {
    if (status.size > 0) await pipeline(createReadStream('', {fd, autoClose: false, start: 0, end: status.size - 1}), hash)
    return hash.digest('hex')
  } finally {
    closeSync(fd)
  }
}
