import {mkdtemp, readdir, realpath} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {compareBytes} from '../core/compare/bytes.js'
import {type OutputComparison, settle, type VerifyResult, verdictOf} from '../core/compare/verdict.js'
import {EXIT, XbuildError} from '../core/errors.js'
import {requireTwins} from '../environment/record.js'
import {readRouting} from '../environment/routing.js'
import {isThere, makeDirectory} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {copyTree, noSpace} from '../host/tree.js'
import {compareTrees} from './compare-trees.js'
import {addDiffoscope} from './diffoscope.js'
import {leakRules} from './leak-rules.js'
import {type BuildInput, type BuiltTree, type RunPlan, runBuild} from './verify-run.js'

export interface VerifyInput extends Omit<BuildInput, 'command'> {
  build: VerifyResult['build']
  sourceDateEpoch: string
  /** Hybrid builds: from the second on, they tell what is not reproducible by itself. */
  hybridRuns: number
  /** Where the built trees stay; undefined: in a temporary directory that is removed. */
  keep: string | undefined
}

export interface VerifyEvents {
  onStep?: (step: 'copying' | 'comparing' | RunPlan) => void
  onBuilt?: (built: BuiltTree) => void
  onCompared?: () => void
}

/**
 * Builds the same tree in both modes, each time in a copy of its own at the tree's own path, and compares what came of
 * it. Throws `build-failed` where there is nothing to compare.
 */
export async function verify(input: VerifyInput, events: VerifyEvents = {}): Promise<VerifyResult> {
  const work = await makeWork(input.directory, input.keep)
  try {
    return await verifyIn(work, input, events)
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'ENOSPC' ? noSpace(error.message, error) : error
  } finally {
    // Interrupted while it is being removed, it is tried once more.
    if (input.keep === undefined) await removeTree(work).catch(() => removeTree(work))
  }
}

/** A directory for the copies, which must not lie in what is copied. */
async function makeWork(source: string, keep: string | undefined): Promise<string> {
  const parent = await realpath(keep === undefined ? tmpdir() : resolve(keep, '..')).catch(error => {
    throw new XbuildError('bad-directory', `${keep ?? tmpdir()} cannot be made: the directory above is not there`, {
      hint: 'make it first',
      cause: error,
    })
  })
  if (`${parent}/`.startsWith(`${source}/`)) {
    throw new XbuildError('bad-directory', `the copies of ${source} would lie in it, in ${parent}`, {
      hint:
        keep === undefined ? 'name another directory for temporary files: TMPDIR=/some/directory' : 'name another directory with --keep',
    })
  }
  if (keep === undefined) return mkdtemp(join(parent, 'xbuild-env-verify-'))
  const directory = resolve(keep)
  if (isThere(directory) && (await readdir(directory)).length > 0) {
    throw new XbuildError('bad-directory', `--keep ${keep}: there is something in it already`, {hint: 'name a new directory'})
  }
  await makeDirectory(directory)
  return directory
}

/** Where nothing is said otherwise: `hybrid`, `hybrid-2` … and `emulated`. */
export function planRuns(work: string, hybridRuns: number): [...hybrid: RunPlan[], emulated: RunPlan] {
  const plan = (name: string, mode: RunPlan['mode']): RunPlan => ({name, mode, tree: join(work, name), log: join(work, `${name}.log`)})
  const hybrid = Array.from({length: hybridRuns}, (_, i) => plan(i === 0 ? 'hybrid' : `hybrid-${i + 1}`, 'hybrid'))
  return [...hybrid, plan('emulated', 'emulated')]
}

async function verifyIn(work: string, input: VerifyInput, events: VerifyEvents): Promise<VerifyResult> {
  const plans = planRuns(work, input.hybridRuns)
  events.onStep?.('copying')
  let source = input.directory
  for (const {tree} of plans) {
    await copyTree(source, tree, input.signal)
    source = tree // the further ones of the first, should the source change meanwhile
  }
  const built = await buildAll(plans, input, events)
  const [hybrid, ...others] = built
  const emulated = others.pop()
  if (!hybrid || !emulated) throw new Error('a run is missing')
  if (built.every(({changed}) => changed.size === 0)) {
    throw new XbuildError('build-failed', `"${input.build.command}" made no file: there is nothing to compare`, {
      hint: 'is everything built already? Start from a clean tree, or give another command with --build',
      exitCode: 1,
    })
  }
  events.onStep?.('comparing')
  const rules = {compiler: await compilerMatch(input), leaks: leakRules(input.store, requireTwins(input.record), work)}
  const comparison = await compareTrees([hybrid, ...others], emulated, rules, input.signal)
  const runs = built.map(({run}) => run)
  const files = await addDiffoscope(comparison.files, {hybrid: hybrid.tree, emulated: emulated.tree, work}, input.signal)
  events.onCompared?.()
  return {
    environment: input.record.name,
    directory: input.directory,
    build: input.build,
    sourceDateEpoch: input.sourceDateEpoch,
    runs,
    output: compareOutput(hybrid, others, emulated),
    ...comparison,
    files,
    verdict: verdictOf({...comparison, runs}),
  }
}

/** Where the first hybrid build fails, a second would tell nothing; whether the emulated one fails too, does. */
async function buildAll(plans: readonly RunPlan[], input: VerifyInput, events: VerifyEvents): Promise<BuiltTree[]> {
  const built: BuiltTree[] = []
  for (const plan of plans) {
    if (plan.mode === 'hybrid' && built.some(({run}) => run.exitCode !== 0)) continue
    events.onStep?.(plan)
    const tree = await runBuild({...input, command: input.build.command}, plan)
    events.onBuilt?.(tree)
    built.push(tree)
  }
  refuseFailed(built, input)
  return built
}

function refuseFailed(built: readonly BuiltTree[], {build}: VerifyInput): void {
  const failed = built.filter(({run}) => run.exitCode !== 0)
  const ends = built.map(({run}) => `${run.exitCode} (${run.name})`).join(', ')
  if (failed.length === built.length) {
    throw new XbuildError('build-failed', `"${build.command}" fails in both modes: it ended with ${ends}`, {
      hint: `give another command with --build, or install what it lacks: see xbuild-env install --help`,
      exitCode: 1,
    })
  }
  if (new Set(built.filter(({run}) => run.mode === 'hybrid').map(({run}) => run.exitCode)).size > 1) {
    throw new XbuildError('build-failed', `"${build.command}" is not deterministic: it ended with ${ends}`, {
      hint: 'give a command that does the same each time with --build',
      exitCode: 1,
    })
  }
}

/** Whether the environment's compiler is the very one, or a skewed twin. */
export async function compilerMatch({store, record}: Pick<VerifyInput, 'store' | 'record'>): Promise<'exact' | 'skewed'> {
  const routing = await readRouting(store.environment(record.name))
  if (!routing) {
    throw new XbuildError('environment-damaged', `environment "${record.name}" has no routes`, {
      hint: 'start a session in it: they are found again',
      exitCode: EXIT.ours,
    })
  }
  return routing.routes.some(route => route.match === 'skewed') ? 'skewed' : 'exact'
}

function compareOutput(hybrid: BuiltTree, again: readonly BuiltTree[], emulated: BuiltTree): OutputComparison {
  const bytes = ({output}: BuiltTree) => Buffer.from(output.join('\n'))
  const found = compareBytes(bytes(hybrid), bytes(emulated))
  if (found.length === 0) return {kind: 'same'}
  const unsteady = new Set(again.flatMap(tree => compareBytes(bytes(hybrid), bytes(tree)).map(({place}) => place)))
  const first = settle(found, unsteady).find(({cause}) => cause === 'none')
  return first ? {kind: 'different', detail: `${first.place}: ${first.detail}`} : {kind: 'not-reproducible'}
}
