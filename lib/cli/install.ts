import {XbuildError} from '../core/errors.js'
import {checkPackageNames, installSession} from '../session/install.js'
import {openContext} from './context.js'
import {enterEnvironment} from './run.js'

/** `output`: where what apt-get says goes, `stderr` where the command has another result. */
export async function install(name: string, packages: readonly string[], output: 'stdout' | 'stderr' = 'stdout'): Promise<number> {
  if (packages.length === 0) throw new XbuildError('usage', 'install which packages?', {hint: `xbuild-env install ${name} PKG…`})
  checkPackageNames(packages)
  const exitCode = await enterEnvironment(await openContext(), name, installSession(packages, output))
  if (exitCode === 0) return 0
  throw new XbuildError('install-failed', `apt-get ended with ${exitCode}`, {
    hint: 'its messages above say why; the environment is as apt-get left it',
  })
}
