import {resolve} from 'node:path'
import {makeGraph} from '../core/bulk/graph.js'
import type {BulkPlan, PlannedPackage} from '../core/bulk/plan.js'
import {tellingAttempt} from '../core/bulk/state.js'
import type {IndexedSource} from '../core/debian/source-index.js'
import {XbuildError} from '../core/errors.js'
import type {Store} from '../environment/store.js'
import type {DebSource} from '../packages/deb-plan.js'
import {readState} from './run.js'
import {type RunDirectory, readPlan, runDirectory, runNames} from './run-directory.js'

export interface PlanInput {
  packages: readonly IndexedSource[]
  index: readonly IndexedSource[]
  /** Why what some need cannot be installed. */
  blocked: ReadonlyMap<string, string>
  /** Seconds that some took, by name. */
  earlier: ReadonlyMap<string, number>
  /** What lies on the host. */
  paths: readonly DebSource[]
}

/** Seconds for a build of a source of this size; only their order counts until some are built. */
const byBytes = (bytes: number) => 30 + bytes / 20_000

/** Seconds that are added to those: ghc is emulated, and takes 300 to 1,500 s for the smallest library. docs/packages-tried.md */
const BY_SECTION: ReadonlyMap<string, number> = new Map([['haskell', 600]])

const bySource = ({sections, size}: IndexedSource) => byBytes(size) + Math.max(...sections.map(section => BY_SECTION.get(section) ?? 0))

export function planPackages({packages, index, blocked, earlier, paths}: PlanInput): PlannedPackage[] {
  const graph = makeGraph(index)
  const planned = packages.map((source): PlannedPackage => {
    const {name, version, sections, size} = source
    const why = blocked.get(name)
    return {
      name,
      version,
      section: sections[0],
      size,
      expected: Math.round(earlier.get(name) ?? bySource(source)),
      dependents: graph.dependents.get(name)?.size ?? 0,
      ...(why === undefined ? {} : {blocked: why}),
    }
  })
  const own = paths.flatMap((source): PlannedPackage[] => {
    if (source.kind === 'archive') return []
    const {name, version, path} = source
    return [{name, version, section: '', size: 0, expected: earlier.get(name) ?? byBytes(0), dependents: 0, path: resolve(path)}]
  })
  const names = new Set(own.map(({name}) => name))
  return [...planned.filter(({name}) => !names.has(name)), ...own]
}

/** Runs that are looked into, the newest first. */
const MOST_RUNS = 5

/** undefined where it cannot be read: whoever asks for that run is told. */
function planOf(directory: RunDirectory): BulkPlan | undefined {
  try {
    return readPlan(directory)
  } catch (error) {
    if (error instanceof XbuildError) return undefined
    throw error
  }
}

/** How long packages took in earlier runs for an architecture. */
export async function earlierDurations(store: Store, architecture: string): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const name of (await runNames(store)).slice(-MOST_RUNS)) {
    const directory = runDirectory(store, name)
    const plan = planOf(directory)
    if (plan?.architecture !== architecture) continue
    for (const one of readState(directory, plan).packages.values()) {
      const end = tellingAttempt(one)?.end
      if (end?.kind === 'built') found.set(one.planned.name, end.seconds)
    }
  }
  return found
}
