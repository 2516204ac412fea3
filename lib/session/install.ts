import {PACKAGE_NAME} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import type {EnterOptions} from './run.js'

/** The root's own package manager: lists first, since a new root has none. */
const SCRIPT = 'apt-get --quiet update && exec apt-get --quiet --yes --no-install-recommends install -- "$@"'

/** The session that installs packages. `output`: where what apt-get says goes. */
export const installSession = (packages: readonly string[], output: 'stdout' | 'stderr'): Omit<EnterOptions, 'binfmt'> => ({
  mode: 'hybrid',
  lasting: 'lasting',
  binds: [],
  network: 'host',
  user: 'root',
  directory: '/',
  environment: [Buffer.from('DEBIAN_FRONTEND=noninteractive')],
  terminal: false,
  argv: ['sh', '-c', output === 'stderr' ? `exec >&2; ${SCRIPT}` : SCRIPT, 'apt-get', ...packages].map(word => Buffer.from(word)),
})

/** Throws `usage`. */
export function checkPackageNames(packages: readonly string[]): void {
  const odd = packages.find(pack => !PACKAGE_NAME.test(pack))
  if (odd !== undefined)
    throw new XbuildError('usage', `"${odd}" is not the name of a package`, {hint: 'names as apt-get install takes them'})
}
