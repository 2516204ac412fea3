import {readFile, writeFile} from 'node:fs/promises'
import {parseBuildCheck} from '../core/bulk/build-check.js'
import {withoutRepeated} from '../core/debian/deb822.js'
import {XbuildError} from '../core/errors.js'
import {run} from '../host/run.js'

/** With fewer names than this, dose is asked for these alone. */
const FEW = 500

/**
 * Which of these sources need what cannot be installed, and why, as Debian's dose-builddebcheck finds it. Undefined where it is not
 * installed. man 1 dose-builddebcheck
 */
export async function findUninstallable(
  indices: {sources: string; packages: string},
  architecture: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string> | undefined> {
  for (const path of Object.values(indices)) await writeFile(path, withoutRepeated(await readFile(path, 'utf8')))
  const only = names.length < FEW ? ['--checkonly', names.join(',')] : []
  const args = [
    '--deb-native-arch',
    architecture,
    '--deb-drop-b-d-indep',
    '--failures',
    '--explain',
    ...only,
    '--',
    indices.packages,
    indices.sources,
  ]
  try {
    const {exitCode, stdout, stderr} = await run('dose-builddebcheck', args, {signal})
    // Its exit status has a bit for "some cannot be built", and 64 and more for its own failures.
    if (exitCode < 64) return parseBuildCheck(stdout, new Set(names))
    throw new XbuildError('archive', `dose-builddebcheck ended with ${exitCode}: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
      hint: 'leave it out: --no-check-installable',
    })
  } catch (error) {
    if (error instanceof XbuildError && error.reason === 'missing-program') return undefined
    throw error
  }
}
