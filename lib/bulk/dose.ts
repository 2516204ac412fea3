import {readFile, writeFile} from 'node:fs/promises'
import {parseBuildCheck} from '../core/bulk/build-check.js'
import {withoutRepeated} from '../core/debian/deb822.js'
import {XbuildError} from '../core/errors.js'
import {run} from '../host/run.js'

/** With fewer names than this, dose is asked for these alone. */
const FEW = 500

export type Uninstallable =
  /** Why what some sources need cannot be installed, by their names. */
  {kind: 'found'; blocked: Map<string, string>} | {kind: 'unknown'; why: string}

/**
 * Which of these sources need what cannot be installed, and why, as Debian's dose-builddebcheck finds it, where it is installed.
 * man 1 dose-builddebcheck
 */
export async function findUninstallable(
  lists: {sources: string; packages: string},
  architecture: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Uninstallable> {
  for (const path of Object.values(lists)) await writeFile(path, withoutRepeated(await readFile(path, 'utf8')))
  const only = names.length < FEW ? ['--checkonly', names.join(',')] : []
  const options = ['--deb-native-arch', architecture, '--deb-drop-b-d-indep', '--failures', '--explain', ...only]
  try {
    const {exitCode, stdout, stderr} = await run('dose-builddebcheck', [...options, '--', lists.packages, lists.sources], {signal})
    // Its exit status has a bit for "some cannot be built", and 64 and more for its own failures.
    if (exitCode < 64) return {kind: 'found', blocked: parseBuildCheck(stdout, new Set(names))}
    return {kind: 'unknown', why: `dose-builddebcheck ended with ${exitCode}: ${stderr.trim().split('\n').at(-1) ?? ''}`}
  } catch (error) {
    if (error instanceof XbuildError && error.reason === 'missing-program') return {kind: 'unknown', why: error.message}
    throw error
  }
}
