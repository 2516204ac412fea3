import {run} from './run.js'

/** So many are named. */
const MOST = 10

/**
 * Files below directories that run with their owner's or group's rights whoever starts them (set-user-id, set-group-id), and that
 * were made or changed since a moment, in ms since 1970. Paths are absolute.
 */
export async function findSetUserId(directories: readonly string[], since: number): Promise<string[]> {
  const tests = ['-xdev', '-type', 'f', '-perm', '/6000', '-newerct', `@${since / 1000}`]
  const {stdout} = await run('find', [...directories, ...tests, '-print0'])
  return stdout.split('\0').filter(Boolean).slice(0, MOST)
}
