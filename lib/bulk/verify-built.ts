import {copyFile, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {Verification} from '../core/bulk/result.js'
import {CAUSES} from '../core/compare/verdict.js'
import {makeDirectory} from '../host/files.js'
import {builtTree, comparePackages, type DebComparison, isPackage, treeOf} from '../measure/verify-deb.js'
import type {BuiltTree} from '../measure/verify-run.js'
import {type DebRun, resultsOf, runBuildOf} from '../packages/deb-build.js'
import type {DebPlan} from '../packages/deb-plan.js'
import type {PreparedBuild, TellDeb} from '../packages/deb-prepare.js'

/** Differences that are kept of a package. */
const MOST = 20

/**
 * Compares what an emulated build made with the packages that a hybrid attempt left. Where they differ, a second hybrid build tells
 * what is not the same each time.
 */
export async function verifyBuilt(
  prepared: PreparedBuild,
  plan: DebPlan,
  emulated: DebRun,
  hybrid: string,
  tell: TellDeb,
  signal: AbortSignal,
): Promise<Verification> {
  const other = await builtTree(prepared, 'emulated', emulated, signal)
  const kept = await keptTree(prepared, hybrid, signal)
  const first = await comparePackages(prepared, [kept], other, signal)
  if (first.verdict !== 'different') return verificationOf(first)
  const again = await runBuildOf(prepared, plan, {name: 'hybrid-2', mode: 'hybrid', source: 'itself'}, tell, signal)
  if (again.end.kind === 'failed') return verificationOf(first)
  const second = await builtTree(prepared, 'hybrid-2', again, signal)
  return verificationOf(await comparePackages(prepared, [kept, second], other, signal))
}

async function keptTree({site}: PreparedBuild, hybrid: string, signal: AbortSignal): Promise<BuiltTree> {
  const tree = resultsOf(site, 'hybrid')
  await makeDirectory(tree)
  for (const name of (await readdir(hybrid)).filter(isPackage)) await copyFile(join(hybrid, name), join(tree, name))
  return treeOf(tree, {name: 'hybrid', mode: 'hybrid', exitCode: 0, seconds: 0}, signal)
}

function verificationOf({verdict, files, leaks}: DebComparison): Verification {
  const all = files.flatMap(file => file.differences.map(difference => ({...difference, place: `${file.path}: ${difference.place}`})))
  const untold = all.filter(({cause}) => cause === 'none').map(({place, detail}) => ({place, detail}))
  const shown = leaks.map(({path, what}) => ({place: path, detail: `the host shows in it: ${what}`}))
  const causes = new Set(all.map(({cause}) => cause))
  const known = Object.entries(CAUSES).flatMap(([cause, text]) => (causes.has(cause as keyof typeof CAUSES) ? [text] : []))
  return {verdict, differences: [...shown, ...untold].slice(0, MOST), causes: known}
}
