import {constants} from 'node:fs'
import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {type ErrorReason, XbuildError} from '../core/errors.js'
import {CACHE, OUTPUT} from '../core/project/project.js'
import {exportEnvironment, removePartialExports} from '../environment/archive.js'
import {importEnvironment, readArchived} from '../environment/import.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {isThere, makeDirectory} from '../host/files.js'
import {withEnvironment} from '../session/hold.js'
import {contentName, type EnvironmentPlan, isNameTaken, makeEnvironment, projectName, type TellEnvironment} from './environment.js'

/** A directory of environments as `export` writes them, each under what it is, which its key says. */
export const cachedFile = (cache: string, plan: EnvironmentPlan) => join(cache, `${contentName(plan)}.xbe`)

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
    await makeDirectory(cache)
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

/** What is wrong with a file, rather than with this machine. */
const UNUSABLE: readonly ErrorReason[] = ['bad-archive', 'environment-damaged', 'newer-format', 'older-format']

/**
 * The environment that is there for a build: the one that was made here, or what came of the cache's file. That has a name of
 * its own, since builds without the cache have nothing to do with what somebody put there.
 */
export async function findEnvironment(plan: EnvironmentPlan, cache: string | undefined): Promise<EnvironmentPlan | undefined> {
  const names = await plan.store.names()
  if (names.includes(plan.name) && isOf(await plan.store.read(plan.name), plan)) return plan
  const file = cache === undefined ? undefined : cachedFile(cache, plan)
  if (file === undefined || !isThere(file)) return undefined
  const imported = await unlessUnusable(async () => asImported(plan, readArchived(file).key))
  return imported && names.includes(imported.name) ? imported : undefined
}

/** An archive, or an environment, may have got the name meanwhile that is another; versions before wrote no key. */
const isOf = ({name, build}: EnvironmentRecord, plan: EnvironmentPlan) =>
  build ? build.key === plan.key && build.origin === 'made' : name === contentName(plan)

/** So many digits of a digest: an environment's name has room for them, and nobody finds another file that has them too. */
const DIGITS = 20

const asImported = (plan: EnvironmentPlan, key: string): EnvironmentPlan => ({
  ...plan,
  name: `${projectName(plan.project)}-${plan.target.profile}-${key.replace('imported-', '').slice(0, DIGITS)}`,
})

/**
 * Makes an environment unless it is there: of its file in the cache, where that has one that serves, else from nothing, and
 * then it is kept there. A cache that fails is told, and ends nothing. Returns the environment, by the name that it has.
 */
export async function provideEnvironment(
  plan: EnvironmentPlan,
  cache: string | undefined,
  tell: TellEnvironment,
  signal: AbortSignal,
): Promise<EnvironmentPlan> {
  const {name} = plan
  const found = await findEnvironment(plan, cache)
  if (found) return found
  const onUnusable = (why: string) => tell({kind: 'cache-failed', why: `${why}; the environment is created again`})
  const imported = cache === undefined ? undefined : await unlessUnusable(() => importCached(cache, plan, tell, signal), onUnusable)
  if (imported) return imported
  tell({kind: 'environment', name, state: 'making'})
  const made = await makeEnvironment(plan, tell, signal)
  tell({kind: 'environment', name: made.plan.name, state: 'made'})
  if (cache !== undefined && made.state === 'made') await exportToCache(cache, made.plan, tell, signal)
  return made.plan
}

async function unlessUnusable<T>(use: () => Promise<T | undefined>, onUnusable?: (why: string) => void): Promise<T | undefined> {
  try {
    return await use()
  } catch (error) {
    if (!(error instanceof XbuildError) || !UNUSABLE.includes(error.reason)) throw error
    onUnusable?.(error.message)
    return undefined
  }
}

async function importCached(
  cache: string,
  plan: EnvironmentPlan,
  tell: TellEnvironment,
  signal: AbortSignal,
): Promise<EnvironmentPlan | undefined> {
  const file = cachedFile(cache, plan)
  if (!isThere(file)) return undefined
  const {record, key} = readArchived(file)
  if (!isOf(record, plan) || record.root !== plan.create.root.key) {
    throw new XbuildError('bad-archive', `${file} is another environment, ${record.name}`) // whole, and renamed
  }
  const imported = asImported(plan, key)
  tell({kind: 'environment', name: imported.name, state: 'importing'})
  const build = {project: projectName(plan.project), key: plan.key, origin: 'cache'} as const
  await importEnvironment(plan.store, file, {name: imported.name, build}, signal).catch(error => {
    if (!isNameTaken(error)) throw error
  })
  tell({kind: 'environment', name: imported.name, state: 'imported'})
  return imported
}

/** What is there under its name is replaced. */
async function exportToCache(cache: string, plan: EnvironmentPlan, tell: TellEnvironment, signal: AbortSignal): Promise<void> {
  const {store, name} = plan
  tell({kind: 'environment', name, state: 'exporting'})
  await withEnvironment(store, name, 'ephemeral', async ({record}) => {
    try {
      await exportEnvironment(store, record, cachedFile(cache, plan), {signal})
      tell({kind: 'environment', name, state: 'exported'})
    } catch (error) {
      if (signal.aborted || !(error instanceof XbuildError)) throw error
      tell({kind: 'cache-failed', why: `${error.message}; the environment is not kept`})
    }
  })
}
