import {XbuildError} from '../core/errors.js'
import {plainVariables} from './programs.js'
import {run} from './run.js'

/**
 * What a checkout's own configuration, which a build may have written, could have git run: a transport, for objects that are
 * missing, and a monitor of files. This list of protocols counts whatever the configuration says (man 1 git).
 */
const NO_TRANSPORT = {GIT_ALLOW_PROTOCOL: 'none'}
const NO_MONITOR = ['-c', 'core.fsmonitor=false']

/** What git prints of a directory; undefined where it fails, since that is in no checkout, or is not installed. */
async function ask(directory: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const {exitCode, stdout} = await run('git', ['-C', directory, ...NO_MONITOR, ...args], {
      variables: {...plainVariables(), ...NO_TRANSPORT},
    })
    return exitCode === 0 ? stdout : undefined
  } catch (error) {
    if (error instanceof XbuildError && error.reason === 'missing-program') return undefined
    throw error
  }
}

/** Of a directory in a checkout, its path there: empty for the top. */
export const pathInCheckout = async (directory: string): Promise<string | undefined> =>
  (await ask(directory, ['rev-parse', '--show-prefix']))?.replace(/\/$/, '')

/** What a directory's checkout has checked out; undefined where it is in none, or that has no commit. */
export const commitOf = (directory: string): Promise<string | undefined> => ask(directory, ['rev-parse', '--verify', '--quiet', 'HEAD'])

export interface Checkout {
  commit: string
  /** The address of the remote `origin`. */
  origin: string | undefined
  /** Whether a branch of a remote is known to have the commit. */
  published: boolean
}

/** Undefined unless the directory is the top of a checkout: what it lies in may be anybody's. */
export async function readCheckout(directory: string): Promise<Checkout | undefined> {
  if ((await pathInCheckout(directory)) !== '') return undefined
  const commit = await ask(directory, ['rev-parse', '--verify', 'HEAD'])
  if (commit === undefined) return undefined
  const branches = await ask(directory, ['for-each-ref', '--count=1', `--contains=${commit}`, 'refs/remotes'])
  return {commit, origin: await ask(directory, ['remote', 'get-url', 'origin']), published: (branches ?? '') !== ''}
}
