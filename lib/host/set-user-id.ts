import {type Dirent, lstatSync, readdirSync, type Stats} from 'node:fs'
import {join} from 'node:path'

/** So many are named. */
const MOST = 10

/** Nobody waits longer for it, ms: a tree of a hundred thousand files takes about as long. */
const LONGEST_MS = 1000

/** S_ISUID and S_ISGID, man 7 inode. */
const RIGHTS = 0o6000

/**
 * Files below directories that run with their owner's or group's rights whoever starts them (set-user-id, set-group-id), and that
 * were made or changed since a moment, in ms since 1970: those that are found in a second. Paths are absolute. Other file
 * systems are not entered.
 */
export function findSetUserId(directories: readonly string[], since: number): string[] {
  const found: string[] = []
  const last = performance.now() + LONGEST_MS
  for (const directory of directories) {
    const device = look(directory)?.dev
    const left = [directory]
    for (let next = left.pop(); next !== undefined && performance.now() < last && found.length < MOST; next = left.pop()) {
      for (const entry of list(next)) {
        const path = join(next, entry.name)
        const status = entry.isDirectory() || entry.isFile() ? look(path) : undefined
        if (status?.isDirectory() && status.dev === device) left.push(path)
        if (status?.isFile() && (status.mode & RIGHTS) !== 0 && status.ctimeMs >= since) found.push(path)
      }
    }
  }
  return found.sort().slice(0, MOST)
}

/** Nothing where it has gone, or may not be looked at. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, {throwIfNoEntry: false})
  } catch {
    return undefined
  }
}

function list(directory: string): Dirent[] {
  try {
    return readdirSync(directory, {withFileTypes: true})
  } catch {
    return []
  }
}
