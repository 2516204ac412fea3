import {PACKAGE_NAME} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import type {Script} from './script.js'

/** The root's own package manager: lists first, since a new root has none. */
const SCRIPT = 'apt-get --quiet update && exec apt-get --quiet --yes --no-install-recommends install -- "$@"'

/** What installs packages. `output`: where what apt-get says goes. */
export const installScript = (packages: readonly string[], output: 'stdout' | 'stderr'): Script => ({
  lasting: 'lasting',
  variables: {DEBIAN_FRONTEND: 'noninteractive'},
  argv: ['sh', '-c', output === 'stderr' ? `exec >&2; ${SCRIPT}` : SCRIPT, 'apt-get', ...packages],
})

/** Throws `usage`. */
export function checkPackageNames(packages: readonly string[]): void {
  const odd = packages.find(pack => !PACKAGE_NAME.test(pack))
  if (odd !== undefined)
    throw new XbuildError('usage', `"${odd}" is not the name of a package`, {hint: 'names as apt-get install takes them'})
}
