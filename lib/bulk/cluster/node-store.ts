import {lstatSync, readdirSync, statfsSync, unlinkSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {XbuildError} from '../../core/errors.js'
import {importEnvironment} from '../../environment/import.js'
import {Store} from '../../environment/store.js'
import type {Binfmt} from '../../host/binfmt.js'
import {isThere, makeClosedDirectory, makeDirectory} from '../../host/files.js'
import {type Lock, takeLock} from '../../host/lock.js'
import {removeTree} from '../../host/maker.js'
import {tryAll} from '../../host/trials.js'
import {fetchComing} from '../coming.js'
import type {SharedRun, UnfitNode} from './shared-run.js'
import {lockOf, noteUse, removeUnusedData} from './unused-data.js'

/** A node on which nothing can be built, until somebody mends it. */
export class UnfitError extends Error {
  readonly unfit: UnfitNode

  constructor(unfit: UnfitNode) {
    super(unfit.why)
    this.unfit = unfit
  }
}

/** Bytes that an environment and a build take at the least: less is not worth beginning. */
const LEAST_SPACE = 2 * 2 ** 30

/** Of a name that the cluster gave. */
const NODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/**
 * Where a node keeps things of its own, in a directory of this user's that others have no way to. A directory per node, as several may
 * see one disk. Throws UnfitError.
 */
export async function nodeHome(nodeData: string, node: string): Promise<string> {
  if (!NODE.test(node))
    throw new XbuildError('usage', `${JSON.stringify(node)} is not a node's name`, {hint: 'this is started by Slurm, in a job'})
  try {
    await makeClosedDirectory(nodeData)
  } catch (error) {
    throw new UnfitError({
      why: `${nodeData} cannot be made: ${messageOf(error)}`,
      hint: 'name a directory of the nodes’ own disks: --node-data DIR',
    })
  }
  const status = lstatSync(nodeData)
  if (!status.isDirectory() || status.uid !== process.geteuid?.()) {
    throw new UnfitError({why: `${nodeData} is another user's, or no directory`, hint: 'name another: --node-data DIR'})
  }
  const home = join(nodeData, node)
  await makeClosedDirectory(home)
  return home
}

/** Tries what sessions need, some tenths of a second, before anything is begun. Throws UnfitError. */
export async function checkNode(home: string, binfmt: Binfmt | undefined): Promise<void> {
  const {bavail, bsize} = statfsSync(home)
  if (bavail * bsize < LEAST_SPACE) {
    const free = (bavail * bsize) / 2 ** 30
    throw new UnfitError({why: `${home} has ${free.toFixed(1)} GiB free`, hint: 'free some, or name a larger disk: --node-data DIR'})
  }
  const trial = await tryAll(home, binfmt)
  if (trial.worked) return
  throw new UnfitError({why: `no session can be made: ${trial.why}`, hint: 'see what it lacks: xbuild-env doctor --engine slurm'})
}

/**
 * The store of a node that holds an environment, under the key of its content: what is there is taken, else it is brought there once,
 * whoever comes first, with the twins of all that the run is going to install.
 */
export async function nodeStore(
  home: string,
  run: SharedRun,
  {name, file, key}: {name: string; file: string; key: string},
  binfmt: Binfmt | undefined,
  signal: AbortSignal,
): Promise<Store> {
  const store = new Store(join(home, key))
  const lock = await takeLock(lockOf(home, key), 'exclusive', 'yes', signal)
  try {
    await noteUse(lockOf(home, key))
    await removeUnusedData(home)
    if (!(await store.names()).includes(name)) await importEnvironment(store, file, {name}, signal)
    await fetchTwins(store, run, name, binfmt, signal)
    return store
  } finally {
    await lock?.release()
  }
}

/** Once for a run; where they cannot be had, each attempt looks for its own. */
async function fetchTwins(
  store: Store,
  run: SharedRun,
  environment: string,
  binfmt: Binfmt | undefined,
  signal: AbortSignal,
): Promise<void> {
  const done = join(store.home, `.twins-${run.path.split('/').at(-1)}`)
  if (isThere(done) || !isThere(run.coming())) return
  const events = {onFetch: () => {}, onLine: () => {}, signal}
  await fetchComing({store, binfmt, environment}, {coming: run.coming()}, events).catch(error => {
    if (signal.aborted) throw error
  })
  await writeFile(done, '')
}

/** A place for one attempt, held as long as it is used. What jobs left that were killed is removed. */
export async function withPlace<T>(home: string, job: string, use: (directory: string) => Promise<T>): Promise<T> {
  const jobs = join(home, 'jobs')
  await makeDirectory(jobs)
  await sweep(jobs)
  const directory = join(jobs, job)
  const lock = (await takeLock(placeLock(directory), 'exclusive', 'yes')) as Lock
  try {
    await makeDirectory(directory)
    return await use(directory)
  } finally {
    await removeTree(directory)
    await rm(placeLock(directory), {force: true})
    await lock.release()
  }
}

const placeLock = (directory: string) => `${directory}.lock`

async function sweep(jobs: string): Promise<void> {
  for (const name of readdirSync(jobs).filter(name => !name.endsWith('.lock'))) {
    const directory = join(jobs, name)
    const lock = await takeLock(placeLock(directory), 'exclusive', 'no')
    if (!lock) continue
    await removeTree(directory)
    if (isThere(placeLock(directory))) unlinkSync(placeLock(directory))
    await lock.release()
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
