import {join} from 'node:path'
import {
  type BenchMode,
  isEnough,
  type ModeResult,
  type PackageResult,
  type Repeats,
  ratiosOf,
  summarize,
  type Usage,
} from '../core/bench.js'
import {cacheHome} from '../host/directories.js'
import {makeDirectory} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {makeWorkDirectory} from '../host/work-directory.js'
import type {HeldPlace} from '../session/place.js'
import {measureBuild} from './build.js'
import type {BenchTask} from './ways.js'

export interface BenchOptions extends Repeats {
  /** `kept`: what was built stays, and where is told. */
  trees: 'removed' | 'kept'
  signal: AbortSignal
  onBuild: (task: BenchTask, mode: BenchMode, run: number) => void
  onBuilt: (task: BenchTask, mode: BenchMode, run: number, usage: Usage) => void
  onKept: (directory: string) => void
}

interface Directories {
  /** Of each package and mode the last log. */
  logs: string
  work: string
}

/** Measures all tasks in all their modes, one build at a time. Nothing of it stays but the logs. */
export async function runBench(place: HeldPlace, tasks: readonly BenchTask[], options: BenchOptions): Promise<PackageResult[]> {
  const logs = join(cacheHome(), 'bench')
  await makeDirectory(logs)
  const work = await makeWorkDirectory(logs)
  try {
    const results: PackageResult[] = []
    for (const task of tasks) results.push(await measureTask(place, task, {logs, work: work.path}, options))
    return results
  } finally {
    if (options.trees === 'kept') options.onKept(await work.keep())
    else await work.remove()
  }
}

/** In rounds, each mode once in each, so that what else the machine does while it goes on hits all of them alike. */
async function measureTask(place: HeldPlace, task: BenchTask, directories: Directories, options: BenchOptions): Promise<PackageResult> {
  const series = [...task.ways].map(([mode, way]) => ({mode, way, taken: [] as Usage[]}))
  const commands = series.flatMap(({mode, way, taken}) => (way.kind === 'command' ? [{mode, command: way.command, taken}] : []))
  const wanting = () => commands.filter(({mode, taken}) => !isEnough(mode, taken, options))
  for (let round = wanting(); round.length > 0; round = wanting()) {
    for (const {mode, command, taken} of round) {
      const run = taken.length + 1
      options.onBuild(task, mode, run)
      const usage = await measureOnce(place, task, {mode, command, run}, directories, options)
      taken.push(usage)
      options.onBuilt(task, mode, run, usage)
    }
  }
  const modes = Object.fromEntries(
    series.map(({mode, way, taken}): [BenchMode, ModeResult] => [mode, way.kind === 'skipped' ? way : summarize(taken)]),
  )
  const {name, version, kind, build} = task
  return {name, ...(version === undefined ? {} : {version}), kind, build, modes, ratios: ratiosOf(modes)}
}

async function measureOnce(
  place: HeldPlace,
  {name, source}: BenchTask,
  {mode, command, run}: {mode: BenchMode; command: string; run: number},
  {logs, work}: Directories,
  {trees, signal}: BenchOptions,
): Promise<Usage> {
  const directory = join(work, name, `${mode}-${run}`)
  const usage = await measureBuild(place, {name, mode, command, source, directory, log: join(logs, `${name}-${mode}.log`)}, signal)
  if (trees === 'removed')
    await removeTree(directory).catch(error => {
      signal.throwIfAborted() // rm heard of it too; the rest goes with the work directory
      throw error
    })
  return usage
}
