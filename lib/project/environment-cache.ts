import {constants} from 'node:fs'
import {access, mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {type ErrorReason, XbuildError} from '../core/errors.js'
import {CACHE, OUTPUT} from '../core/project.js'
import {exportEnvironment, importEnvironment, readArchivedRecord, removePartialExports} from '../environment/archive.js'
import {isThere} from '../host/files.js'
import {holdEnvironment} from '../session/run.js'
import {type EnvironmentEvent, type EnvironmentPlan, isNameTaken, makeEnvironment} from './environment.js'

/** A directory of environments as `export` writes them, each under its name, which holds its key. */
export const cachedFile = (cache: string, {name}: EnvironmentPlan) => join(cache, `${name}.xbe`)

/**
 * Makes the directory, or removes what killed builds left in it. Throws `bad-output` where it cannot be written, and `usage`
 * where it lies in the tree in a place that builds would take for a part of the sources.
 */
export async function prepareCache(cache: string, tree: string): Promise<void> {
  const own = [CACHE, OUTPUT].map(name => join(tree, name))
  if (`${cache}/`.startsWith(`${tree}/`) && !own.some(place => `${cache}/`.startsWith(`${place}/`))) {
    throw new XbuildError('usage', `--cache ${cache} lies among the project's sources`, {
      hint: `${CACHE} is the directory of the project that no build takes for a source`,
    })
  }
  try {
    await mkdir(cache, {recursive: true})
    await access(cache, constants.R_OK | constants.W_OK | constants.X_OK)
    await removePartialExports(cache)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    throw new XbuildError('bad-output', `the cache ${cache} cannot be written${code}`, {
      hint: 'name a directory of yours with --cache',
      cause: error,
    })
  }
}

type Tell = (event: EnvironmentEvent) => void

/**
 * Makes an environment unless it is there: of its file in the cache, where that has one that serves, else from nothing, and
 * then it is kept there. A cache that fails is told, and ends nothing.
 */
export async function provideEnvironment(plan: EnvironmentPlan, cache: string | undefined, tell: Tell, signal: AbortSignal): Promise<void> {
  const {name, store} = plan
  if ((await store.names()).includes(name)) return
  if (cache !== undefined && (await importCached(cache, plan, tell, signal)) === 'imported') return
  tell({kind: 'environment', name, state: 'making'})
  const made = await makeEnvironment(plan, line => tell({kind: 'line', line}), signal)
  tell({kind: 'environment', name, state: 'made'})
  if (cache !== undefined && made === 'made') await exportToCache(cache, plan, tell, signal)
}

/** What is wrong with a file, rather than with this machine. */
const UNUSABLE: readonly ErrorReason[] = ['bad-archive', 'environment-damaged', 'newer-format', 'older-format']

async function importCached(cache: string, plan: EnvironmentPlan, tell: Tell, signal: AbortSignal): Promise<'imported' | 'none'> {
  const file = cachedFile(cache, plan)
  const {name} = plan
  if (!isThere(file)) return 'none'
  tell({kind: 'environment', name, state: 'importing'})
  try {
    await checkRecord(file, plan)
    await importEnvironment(plan.store, file, undefined, signal)
  } catch (error) {
    if (error instanceof XbuildError && UNUSABLE.includes(error.reason)) {
      tell({kind: 'cache-failed', why: `${error.message}; the environment is made anew`})
      return 'none'
    }
    if (!isNameTaken(error)) throw error
  }
  tell({kind: 'environment', name, state: 'imported'})
  return 'imported'
}

/** A file that was renamed is whole, and another environment all the same. */
async function checkRecord(file: string, plan: EnvironmentPlan): Promise<void> {
  const {name, root} = await readArchivedRecord(file)
  if (name !== plan.name || root !== plan.create.root.key) throw new XbuildError('bad-archive', `${file} is another environment, ${name}`)
}

/** What is there under its name is replaced. */
async function exportToCache(cache: string, plan: EnvironmentPlan, tell: Tell, signal: AbortSignal): Promise<void> {
  const {store, name} = plan
  tell({kind: 'environment', name, state: 'exporting'})
  const lock = await holdEnvironment(store, name, 'ephemeral')
  try {
    await exportEnvironment(store, await store.read(name), cachedFile(cache, plan), signal)
    tell({kind: 'environment', name, state: 'exported'})
  } catch (error) {
    if (signal.aborted || !(error instanceof XbuildError)) throw error
    tell({kind: 'cache-failed', why: `${error.message}; the environment is not kept`})
  } finally {
    await lock.release()
  }
}
