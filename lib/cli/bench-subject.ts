import {basename, resolve} from 'node:path'
import {type BenchPackage, chooseBenchPackages} from '../config/bench.js'
import {readRootKind} from '../config/profiles.js'
import type {BenchMode, Skipped} from '../core/bench.js'
import {XbuildError} from '../core/errors.js'
import {isThere} from '../host/files.js'
import {type BenchTask, nativeWay, packageWay, treeWay, type Way} from '../measure/ways.js'
import {checkPackages, missingPackages} from '../packages/place.js'
import {fetchSources} from '../packages/sources.js'
import type {HeldPlace} from '../session/place.js'
import type {Context} from './context.js'
import {note} from './output.js'

export interface BenchCommandOptions {
  build?: string
  crossBuild?: string
  packages?: string
  modes?: string
  runs?: string
  emulatedRuns?: string
  html?: string
  markdown?: boolean
  json?: boolean
  keep?: boolean
  prepare?: boolean
}

/** What is to be measured: packages of the list, or one tree. */
export type Subject =
  | {kind: 'packages'; packages: readonly BenchPackage[]}
  | {kind: 'tree'; directory: string; build: string; crossBuild: string | undefined}

export async function chooseSubject(directory: string | undefined, options: BenchCommandOptions): Promise<Subject> {
  const how = 'a tree: --build CMD [DIR]; packages of the list: --packages all'
  if (options.packages !== undefined) {
    if (directory !== undefined || options.build !== undefined || options.crossBuild !== undefined) {
      throw new XbuildError('usage', '--packages brings its own trees and commands', {hint: `either ${how}`})
    }
    return {kind: 'packages', packages: await chooseBenchPackages(options.packages.split(',').filter(Boolean))}
  }
  if (options.build === undefined) throw new XbuildError('usage', 'measure what?', {hint: how})
  if (options.prepare)
    throw new XbuildError('usage', '--prepare is for --packages', {hint: 'xbuild-env install ENV PKG… installs what a tree needs'})
  const tree = resolve(directory ?? '.')
  if (tree === '/' || !isThere(tree))
    throw new XbuildError('bad-directory', `${tree} is not a source tree`, {hint: 'name the directory of a project'})
  return {kind: 'tree', directory: tree, build: options.build, crossBuild: options.crossBuild}
}

const neededPackages = (subject: Subject) =>
  subject.kind === 'tree' ? [] : [...new Set(subject.packages.flatMap(({environment}) => environment))]

/** A copy of the environment that has what the packages need; one that is there is used as it is. */
export async function prepare({store}: Context, name: string, subject: Subject): Promise<string> {
  const copy = `${name}-bench`
  if (!(await store.names()).includes(copy)) {
    const {clone} = await import('./manage.js')
    await clone(name, copy, {})
  }
  const missing = await missingPackages({store, record: await store.read(copy), binfmt: undefined}, neededPackages(subject))
  if (missing.length > 0) {
    const {install} = await import('./install.js')
    await install(copy, missing, 'stderr')
  }
  return copy
}

/** The compiler of a CPU without an archive exists for the host alone. */
async function whyNotEmulated({record}: HeldPlace): Promise<Skipped | undefined> {
  if ((await readRootKind(record.profile, record.suite)) === 'debian') return undefined
  return {kind: 'skipped', reason: `there is no compiler that runs on ${record.profile}: nothing of it can be emulated`}
}

/** What is to be built, and how in each mode; source packages are fetched for it. */
export async function makeTasks(
  place: HeldPlace,
  subject: Subject,
  modes: readonly BenchMode[],
  signal: AbortSignal,
): Promise<BenchTask[]> {
  const {triple, programs} = place.record
  const unless = await whyNotEmulated(place)
  const waysOf = (way: (mode: BenchMode) => Way) => new Map(modes.map(mode => [mode, mode === 'emulated' && unless ? unless : way(mode)]))
  if (subject.kind === 'tree') {
    const {directory, build, crossBuild} = subject
    const ways = waysOf(mode => (programs === 'native' ? nativeWay(build, mode) : treeWay(build, crossBuild, mode, triple)))
    return [{name: basename(directory), kind: directory, build, source: directory, ways}]
  }
  await checkPackages(place, neededPackages(subject))
  const sources = await fetchSources(
    place,
    subject.packages.map(({source}) => ({name: source})),
    missing => note(`fetching the source packages ${missing.join(', ')} …`),
    signal,
  )
  return sources.map(({version, tree}, i) => {
    const pack = subject.packages[i] as BenchPackage
    const ways = waysOf(mode => (programs === 'native' ? nativeWay(pack.build, mode) : packageWay(pack, mode, triple)))
    return {name: pack.name, kind: pack.kind, version, build: pack.build, source: tree, ways}
  })
}
