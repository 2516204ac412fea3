import {createWriteStream} from 'node:fs'
import {readdir, rm} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import {join} from 'node:path'
import {finished} from 'node:stream/promises'
import type {Recipe} from '../config/userland.js'
import {XbuildError} from '../core/errors.js'
import type {HostPath} from '../core/session/plan.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {namesIn} from '../host/beneath.js'
import {isThere, makeDirectory, writeFileSafely} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {runSession} from '../host/session.js'
import {copyTree} from '../host/tree.js'
import type {HeldPlace} from '../session/place.js'
import type {Bind} from '../session/plan.js'
import {planScript, type Script} from '../session/script.js'
import {fetchMissingTwins} from '../session/twins.js'
import {readPackages} from '../twins/packages.js'
import {BUILT, type BuiltRecipe, buildScript, installScript, waves} from './recipes.js'
import type {Source, WantedSource} from './sources.js'

export interface UserlandEvents {
  onStart?: (name: string) => void
  onLine?: (name: string, line: string) => void
  onEnd?: (name: string, seconds: number) => void
  onFailure?: (failure: Failure) => void
}

export interface Failure {
  name: string
  why: string
}

/** Those of the recipes that are still to be built in an environment. */
export async function remaining(store: Store, record: EnvironmentRecord, recipes: readonly Recipe[]): Promise<Recipe[]> {
  const trees = [store.environment(record.name).upper, ...record.layers.map(store.layerTree)]
  const names = trees.flatMap(tree => namesIn(tree, BUILT))
  return recipes.filter(({name}) => !names.includes(name))
}

/** The sources of what a root has stubs of: of the same versions, or the twins would be other programs. */
export async function wantedSources({store, record}: HeldPlace, recipes: readonly Recipe[]): Promise<WantedSource[]> {
  const {packages} = await readPackages(store.rootTree(record.root))
  const versions = new Map([...packages.values()].map(({source, sourceVersion}) => [source, sourceVersion]))
  return recipes.map(({source}) => {
    const version = versions.get(source)
    return {name: source, ...(version === undefined ? {} : {version})}
  })
}

export interface UserlandWork {
  recipes: readonly Recipe[]
  /** Of each recipe, by its name. */
  sources: ReadonlyMap<string, Source>
  /** For the builds: what is complete there is used again. */
  directory: HostPath
  signal: AbortSignal
}

/**
 * Builds all recipes in an environment that the caller holds, as many at once as there are processors, and goes on after
 * a failure: what depends on it may fail as well, and will be told.
 */
export async function buildUserland(place: HeldPlace, work: UserlandWork, events: UserlandEvents): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const wave of waves(work.recipes)) {
    const built: BuiltRecipe[] = []
    const queue = [...wave]
    const take = async () => {
      for (let recipe = queue.shift(); recipe; recipe = queue.shift()) {
        const result = await buildOrFail(place, work, recipe, events)
        if ('why' in result) failures.push(result)
        else built.push(result)
      }
    }
    await Promise.all(Array.from({length: availableParallelism()}, take))
    work.signal.throwIfAborted()
    if (built.length > 0) await install(place, work, built)
  }
  return failures
}

async function buildOrFail(place: HeldPlace, work: UserlandWork, recipe: Recipe, events: UserlandEvents): Promise<BuiltRecipe | Failure> {
  work.signal.throwIfAborted()
  events.onStart?.(recipe.name)
  const start = performance.now()
  const result = await buildOne(place, work, recipe, line => events.onLine?.(recipe.name, line))
  work.signal.throwIfAborted()
  if ('why' in result) events.onFailure?.(result)
  else events.onEnd?.(recipe.name, (performance.now() - start) / 1000)
  return result
}

/** What configure scripts of automake take for makeinfo, which an environment has not: a root keeps no manuals. */
const NO_MANUALS = {MAKEINFO: 'true'}

const shown = (directory: HostPath): Bind => ({source: directory, target: directory, access: 'rw'})

/** In an ephemeral session, of which there can be many at once: what it makes is in $DESTDIR. */
async function buildOne(
  place: HeldPlace,
  {sources, directory: below, signal}: UserlandWork,
  recipe: Recipe,
  onLine: (line: string) => void,
): Promise<BuiltRecipe | Failure> {
  const {name} = recipe
  const source = sources.get(name)
  if (source === undefined) return {name, why: `there is no source package ${recipe.source} of the root's version`}
  const directory = join(below, name)
  const destination = join(directory, 'destination')
  const complete = join(directory, 'complete')
  const built = {recipe, version: source.version, destination}
  if (isThere(complete)) return built
  const tree = join(directory, 'tree')
  await removeTree(directory)
  await makeDirectory(destination)
  await copyTree(source.tree, tree, signal)
  const variables = {DESTDIR: destination, XBUILD_JOBS: String(availableParallelism()), ...NO_MANUALS}
  const options: Omit<Script, 'argv'> = {lasting: 'ephemeral', binds: [shown(directory)], directory: tree, variables}
  const status = await runScript(place, options, buildScript(recipe, place.record.triple), {
    log: join(below, `${name}.log`),
    onLine,
    signal,
  })
  signal.throwIfAborted()
  const printed = `its full output is in ${join(below, `${name}.log`)}`
  if (status !== 0) return {name, why: `its build ended with ${status}; ${printed}`}
  if ((await readdir(destination)).length === 0) return {name, why: `its build installed nothing into $DESTDIR; ${printed}`}
  await removeTree(tree)
  await writeFileSafely(complete, '')
  return built
}

/** No build runs meanwhile: a session's lower layers must not change under it. Then the next wave has it native. */
async function install(place: HeldPlace, {directory, signal}: UserlandWork, built: readonly BuiltRecipe[]): Promise<void> {
  const log = join(directory, 'install.log')
  const script = installScript(built, place.record.triple)
  const status = await runScript(place, {lasting: 'lasting', binds: [shown(directory)]}, script, {log, onLine: () => {}, signal})
  signal.throwIfAborted()
  if (status !== 0) {
    throw new XbuildError('build-failed', `what was built could not be installed: it ended with ${status}`, {
      hint: `its output is in ${log}`,
    })
  }
  for (const {recipe} of built) await removeTree(join(directory, recipe.name))
  await fetchMissingTwins(place, {signal})
}

/** Returns the exit code, or why there is none. */
async function runScript(
  place: HeldPlace,
  options: Omit<Script, 'argv'>,
  script: string,
  {log, onLine, signal}: {log: HostPath; onLine: (line: string) => void; signal: AbortSignal},
): Promise<number | string> {
  const plan = await planScript(place, {...options, network: 'own', caller: {}, argv: ['sh', '-c', script]})
  await rm(log, {force: true})
  const file = createWriteStream(log)
  const lines = (line: string) => {
    file.write(`${line}\n`)
    onLine(line)
  }
  const result = await runSession(plan, {output: {lines}, signal, locks: place.locks})
  await finished(file.end())
  return result.kind === 'ended' ? result.exitCode : result.errno
}
