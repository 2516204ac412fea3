import {type VerifyResult, verdictOf} from '../core/compare/verdict.js'
import {requireTwins} from '../environment/record.js'
import {makeDirectory} from '../host/files.js'
import {OutputDirectory, writerIn} from '../host/output-directory.js'
import {listTree} from '../host/tree.js'
import {collectDebs, type DebRun, resultsOf, runBuildOf} from '../packages/deb-build.js'
import type {DebPlan} from '../packages/deb-plan.js'
import type {PreparedBuild, TellDeb} from '../packages/deb-prepare.js'
import {compareTrees} from './compare-trees.js'
import {leakRules} from './leak-rules.js'
import {compilerMatch} from './verify.js'
import type {BuiltTree} from './verify-run.js'

/** What the same build gave emulated, and how the packages compare. */
export type DebComparison = Pick<VerifyResult, 'runs' | 'counts' | 'files' | 'leaks' | 'notSearched' | 'verdict'>

/** How the two modes compare: packages where both made some, else how each ended. */
export type DebVerification = {kind: 'compared'; result: DebComparison} | {kind: 'failed'; emulated: DebRun}

export const isPackage = (name: string) => /\.u?deb$/.test(name)

/**
 * Builds emulated what was built hybrid, and compares the packages. Where they differ, a second hybrid build tells what is not
 * the same each time.
 */
export async function verifyDeb(
  prepared: PreparedBuild,
  plan: DebPlan,
  hybrid: DebRun,
  tell: TellDeb,
  onRun: (run: DebRun) => void,
  signal: AbortSignal,
): Promise<DebVerification> {
  const emulated = await runBuildOf(prepared, plan, {name: 'emulated', mode: 'emulated', source: 'copy'}, tell, signal)
  onRun(emulated)
  if (hybrid.end.kind === 'failed' || emulated.end.kind === 'failed') return {kind: 'failed', emulated}
  const trees = [await builtTree(prepared, 'hybrid', hybrid, signal)] as [BuiltTree]
  const other = await builtTree(prepared, 'emulated', emulated, signal)
  const first = await comparePackages(prepared, trees, other, signal)
  if (first.verdict !== 'different') return {kind: 'compared', result: first}
  const again = await runBuildOf(prepared, plan, {name: 'hybrid-2', mode: 'hybrid', source: 'itself'}, tell, signal)
  onRun(again)
  if (again.end.kind === 'failed') return {kind: 'compared', result: first}
  const second = await builtTree(prepared, 'hybrid-2', again, signal)
  return {kind: 'compared', result: await comparePackages(prepared, [...trees, second], other, signal)}
}

/** What a build made, in a directory of the site's. */
export async function builtTree({site, source}: PreparedBuild, name: string, run: DebRun, signal: AbortSignal): Promise<BuiltTree> {
  const tree = resultsOf(site, name)
  await makeDirectory(tree)
  const output = new OutputDirectory(tree, '.', writerIn(site.store.home))
  try {
    await collectDebs(run.attempt, source, output, signal, isPackage)
  } finally {
    output.close()
  }
  const exitCode = run.end.kind === 'passed' ? 0 : run.end.exitCode
  return treeOf(tree, {name, mode: run.attempt.mode, exitCode, seconds: run.seconds}, signal)
}

/** Packages that lie in a directory. */
export async function treeOf(tree: string, run: BuiltTree['run'], signal: AbortSignal): Promise<BuiltTree> {
  const entries = await listTree(tree, `${tree}.list`, signal)
  entries.delete('') // the directory itself
  return {
    run,
    tree,
    entries,
    changed: new Set(entries.keys()),
    output: [],
  }
}

export async function comparePackages(
  {site}: PreparedBuild,
  hybrid: readonly [BuiltTree, ...BuiltTree[]],
  emulated: BuiltTree,
  signal: AbortSignal,
): Promise<DebComparison> {
  const rules = {compiler: await compilerMatch(site), leaks: leakRules(site.store, requireTwins(site.record), site.directory)}
  const comparison = await compareTrees(hybrid, emulated, rules, signal)
  const runs = [...hybrid, emulated].map(({run}) => run)
  return {...comparison, runs, verdict: verdictOf({...comparison, runs})}
}
