import {join} from 'node:path'
import {readProfile, readRootKind} from '../config/profiles.js'
import {type Recipe, readRecipes} from '../config/userland.js'
import {XbuildError} from '../core/errors.js'
import {addBaseLayer, hasLayer, turnIntoLayer} from '../environment/base-layer.js'
import {makeEnvironment} from '../environment/create.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {whileMaking} from '../environment/shared.js'
import {cacheHome} from '../host/directories.js'
import {makeDirectory} from '../host/files.js'
import {userlandKey} from '../packages/recipes.js'
import {cachedSources, fetchSources} from '../packages/sources.js'
import {buildUserland, type Failure, remaining, wantedSources} from '../packages/userland.js'
import {holdWhole, withEnvironment} from '../session/hold.js'
import type {HeldPlace} from '../session/place.js'
import {fetchMissingTwins} from '../session/twins.js'
import {type Context, openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {green, LiveLine, note, print, red, since, warn} from './output.js'

export interface UserlandOptions {
  dryRun?: boolean
  json?: boolean
  verbose?: boolean
}

/** Builds the programs of an environment whose CPU has no archive, once for all environments of its root. */
export async function userland(name: string | undefined, options: UserlandOptions): Promise<number> {
  const context = await openContext()
  const {store, settings} = context
  const record = await store.read(await store.choose(name, settings.environment))
  await checkKind(record)
  const recipes = await readRecipes()
  const key = userlandKey(record.root, recipes)
  const builder: EnvironmentRecord = {...record, name: `${record.name}-userland`, layers: []}
  const left = (await store.names()).includes(builder.name) ? await remaining(store, builder, recipes) : recipes
  if (options.dryRun) return describe(record, hasLayer(store, key) || record.layers.includes(key) ? [] : left, options)
  const failures = await whileMaking(store, undefined, async () => {
    const failed = hasLayer(store, key) ? [] : await makeLayer(context, builder, key, left, options)
    if (failed.length === 0 && !record.layers.includes(key)) await add(context, record.name, key)
    return failed
  })
  return report(record.name, builder.name, recipes.length, failures, options)
}

async function checkKind(record: EnvironmentRecord): Promise<void> {
  if ((await readRootKind(record.profile, record.suite)) === 'cross') return
  throw new XbuildError('usage', `environment "${record.name}" has programs for its CPU already, from the archive`, {
    hint: `xbuild-env install ${record.name} PKG… installs more`,
  })
}

function describe(record: EnvironmentRecord, recipes: readonly Recipe[], options: UserlandOptions): number {
  if (options.json) printAs('userland --dry-run', recipes)
  else if (recipes.length === 0) print(`# the programs are there: nothing is built, ${record.name} gets them`)
  else print(recipes.map(({name, source, build}) => `# ${name}, from the source package ${source}\n${build}`).join('\n'))
  return 0
}

/** In an environment of its own, which an interruption leaves for the next run to go on with. */
async function makeLayer(
  context: Context,
  builder: EnvironmentRecord,
  key: string,
  recipes: readonly Recipe[],
  options: UserlandOptions,
): Promise<Failure[]> {
  const {store, settings} = context
  await makeEnvironment(store, builder, await readProfile(builder.profile, builder.suite))
  const {record, lock} = await holdWhole(store, builder.name, 'lasting')
  const interruption = onInterruption('what was built is kept: the next run goes on from there')
  try {
    const place: HeldPlace = {store, record, binfmt: settings.binfmt, locks: [lock]}
    const directory = join(cacheHome(), 'userland', key)
    await makeDirectory(directory)
    const sources = await fetch(place, recipes, interruption.signal)
    const work = {recipes, sources, directory, signal: interruption.signal}
    const failures = await buildUserland(place, work, progress(options))
    if (failures.length === 0) await turnIntoLayer(store, await store.read(builder.name), key)
    return failures
  } finally {
    interruption.forget()
    await lock.release()
  }
}

/** What cannot be had is told, and what does not need it is built all the same. */
async function fetch(place: HeldPlace, recipes: readonly Recipe[], signal: AbortSignal) {
  const wanted = await wantedSources(place, recipes)
  const onFetch = (missing: readonly string[]) => note(`fetching the source packages ${missing.join(', ')} …`)
  await fetchSources(place, wanted, onFetch, signal).catch(error => {
    if (!(error instanceof XbuildError) || error.reason !== 'archive') throw error
    warn(`${red('xbuild-env:')} ${error.message}\n  ${error.hint}`)
  })
  const sources = await cachedSources(place, wanted)
  return new Map(recipes.flatMap(({name}, i) => (sources[i] ? [[name, sources[i]] as const] : [])))
}

function progress({verbose}: UserlandOptions) {
  const live = new LiveLine()
  const start = performance.now()
  return {
    onStart: (name: string) => (process.stderr.isTTY ? live.show(name) : note(`building ${name}`)),
    onLine: (name: string, line: string) => (verbose ? note(`${name}: ${line}`) : live.show(`${name}: ${line}`)),
    onEnd: (name: string, seconds: number) => {
      live.clear()
      note(`${green('built')} ${name} in ${seconds.toFixed(1)} s (${since(start)} in all)`)
    },
    onFailure: ({name, why}: Failure) => {
      live.clear()
      warn(`${red('xbuild-env:')} ${name} failed: ${why}`)
    },
  }
}

async function add(context: Context, name: string, key: string): Promise<void> {
  const {store} = context
  await withEnvironment(store, name, 'lasting', async held => {
    const record = await addBaseLayer(store, held.record, key)
    const place = {store, record, binfmt: context.settings.binfmt}
    const interruption = onInterruption('run this again: what was built is kept')
    const onFetch = (packages: readonly string[]) => note(`fetching the twins of ${packages.join(', ')}`)
    await fetchMissingTwins(place, {onFetch, signal: interruption.signal}).finally(interruption.forget)
  })
}

function report(name: string, builder: string, count: number, failures: readonly Failure[], options: UserlandOptions): number {
  if (options.json) printAs('userland', {environment: name, built: count - failures.length, failures})
  if (failures.length > 0) {
    const names = failures.map(failure => failure.name).join(', ')
    throw new XbuildError('build-failed', `${names} could not be built; environment "${name}" stays as it was`, {
      hint: `what was built is kept in "${builder}": look there (xbuild-env shell ${builder}), then run this again, and it goes on`,
      exitCode: 1,
    })
  }
  if (!options.json) note(`${green('done')}: ${name} has programs for its own CPU, and --mode emulated runs them`)
  return 0
}
