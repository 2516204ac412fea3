import {mkdtempSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {execa} from 'execa'
import {DATA, plainVariables, type Result, xbuild} from './rig.js'

export const IS_ROOT = process.getuid?.() === 0

/** As root of a user namespace of all the user's ids, where the test is an ordinary user: the owners are kept. */
export const asMaker = (argv: readonly string[]) =>
  IS_ROOT ? execa('env', argv) : execa('unshare', ['--user', '--map-root-user', '--map-auto', ...argv])

type Teardown = {teardown: (undo: () => Promise<unknown>) => void}

/** A data directory of the test's own, beside the tests' common one; empty, and removed at the end. */
export function emptyData(t: Teardown, ending = ''): string {
  const directory = mkdtempSync(join(dirname(DATA), `xbuild-test-${ending}`))
  t.teardown(() => asMaker(['rm', '-rf', directory]))
  return directory
}

/** The same with copies of directories of the common one: roots, twins … Files are shared, since nothing changes them. */
export async function copiedData(t: Teardown, parts: readonly string[], ending = ''): Promise<string> {
  const directory = emptyData(t, ending)
  await asMaker(['cp', '-al', ...parts.map(part => join(DATA, part)), directory])
  return directory
}

/** xbuild-env with a data directory of its own. */
export const xbuildIn = (data: string, args: readonly string[], options: Parameters<typeof xbuild>[1] = {}): Promise<Result> =>
  xbuild(args, {...options, variables: {XBUILD_ENV_DATA: data, ...options.variables}})

/** One error, as a user should get it: what and why on the first line, what to do on the second, and nothing else. */
export const ERROR = /^xbuild-env: [^\n]+\n {2}[^\n]+\n$/

/** The output of `create` where no terminal listens, without the notes on its progress. */
export const withoutProgress = (stderr: string) => stderr.replace(/^(making|made) the .*\n/gm, '')

/** Names under a directory that are neither locks nor hidden; what is in the making is hidden, and listed with `.`. */
export async function filesOf(data: string): Promise<string[]> {
  const {stdout} = await asMaker(['find', data, '-mindepth', '2', '-maxdepth', '2', '-not', '-name', '*.lock', '-printf', '%P\n'])
  return stdout.split('\n').filter(Boolean).sort()
}

/** Processes whose command line names a directory. */
export async function processesIn(directory: string): Promise<string[]> {
  const {stdout} = await execa('ps', ['-eo', 'pid=,args='], {env: plainVariables()})
  return stdout.split('\n').filter(line => line.includes(directory) && !line.includes('ps -eo'))
}
