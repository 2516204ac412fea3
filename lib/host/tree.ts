import {readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {FIND_FORMAT, parseTree, type TreeEntry} from '../core/tree-entry.js'
import {runAsMaker} from './maker.js'

/** Copies a tree with all owners, modes and times, sharing its blocks where the file system can. `copy` is not there yet. */
export async function copyTree(tree: string, copy: string, signal: AbortSignal): Promise<void> {
  const {exitCode, tail} = await runAsMaker(['cp', '-a', '--reflink=auto', '--', tree, copy], {signal})
  signal.throwIfAborted()
  if (exitCode === 0) return
  const why = tail.at(-1) ?? `cp ended with ${exitCode}`
  if (/No space left|quota exceeded/.test(why)) {
    throw new XbuildError('no-space', `no space left for a copy of ${tree}: ${why}`, {
      hint: 'name a directory with more: TMPDIR=/a/larger/disk',
    })
  }
  throw new XbuildError('bad-directory', `${tree} cannot be copied: ${why}`, {hint: 'the whole directory has to be readable'})
}

/** All that is in a tree, by path, whoever owns it. `list` is a file to be made meanwhile. */
export async function listTree(tree: string, list: string, signal: AbortSignal): Promise<Map<string, TreeEntry>> {
  const {exitCode, tail} = await runAsMaker(['find', tree, '-fprintf', list, FIND_FORMAT], {signal})
  signal.throwIfAborted()
  if (exitCode !== 0)
    throw new XbuildError('session-failed', `${tree} cannot be read: ${tail.at(-1) ?? ''}`, {hint: 'does something else change it?'})
  const text = await readFile(list, 'latin1')
  await rm(list)
  return parseTree(text)
}

/** Gives a tree that has been listed to the user who runs xbuild-env, who can read all of it then. */
export async function takeTree(tree: string, signal: AbortSignal): Promise<void> {
  if (process.geteuid?.() === 0) return // reads everything anyway
  for (const argv of [
    ['chown', '-Rh', '0:0', '--', tree],
    ['chmod', '-R', 'u+rX', '--', tree],
  ]) {
    const {exitCode, tail} = await runAsMaker(argv, {signal})
    signal.throwIfAborted()
    if (exitCode !== 0) throw new XbuildError('session-failed', `${tree} cannot be made readable: ${tail.at(-1) ?? ''}`)
  }
}

/** A path of a tree as the bytes that it is: `TreeEntry.path` has one character for each. */
export const pathIn = (tree: string, path: string): Buffer => Buffer.concat([Buffer.from(join(tree, '/')), Buffer.from(path, 'latin1')])

/** A file of a tree; undefined where it has more bytes than `limit`. */
export async function readFileIn(tree: string, entry: TreeEntry, limit: number): Promise<Buffer | undefined> {
  return entry.size > limit ? undefined : readFile(pathIn(tree, entry.path))
}
