import {run} from './run.js'

/** So many are named. */
const MOST = 10

/**
 * Files below directories that run as root whoever starts them (set-user-id or set-group-id), and that were made or changed since
 * a moment, in ms since 1970. Paths are absolute.
 */
export async function findSetUserId(directories: readonly string[], since: number): Promise<string[]> {
  const tests = ['-xdev', '-type', 'f', '(', '-uid', '0', '-perm', '-4000', '-o', '-gid', '0', '-perm', '-2000', ')']
  const {stdout} = await run('find', [...directories, ...tests, '-newerct', `@${since / 1000}`, '-print0'])
  return stdout.split('\0').filter(Boolean).slice(0, MOST)
}
