import {PACKAGE_NAME} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import type {Script} from './script.js'

/** The root's own package manager: lists first, since a new root has none. */
const SCRIPT = 'apt-get --quiet update && exec apt-get --quiet --yes --no-install-recommends install -- "$@"'

/** Where sessions are shown a repository of the host's. */
const REPOSITORY = '/run/xbuild-env-repository'

/**
 * The same, for as long as it takes with the repository among apt's sources. Its packages come before the archive's of any version:
 * whoever names it wants them. man 5 apt_preferences
 */
const withRepository = (suite: string) => `umask 022
list=/etc/apt/sources.list.d/xbuild-env-repository.sources
preference=/etc/apt/preferences.d/xbuild-env-repository
trap 'rm -f "$list" "$preference"' EXIT
printf 'Types: deb\\nURIs: file:${REPOSITORY}\\nSuites: ${suite}\\nComponents: main\\nSigned-By: ${REPOSITORY}/archive-key.asc\\n' >"$list"
printf 'Package: *\\nPin: release o=xbuild-env\\nPin-Priority: 1001\\n' >"$preference"
${SCRIPT.replace('exec ', '')}`

/** A repository as "packages publish" makes it. */
export interface Repository {
  path: string
  suite: string
}

/** What installs packages. `output`: where what apt-get says goes. */
export const installScript = (packages: readonly string[], output: 'stdout' | 'stderr', repository?: Repository): Script => ({
  lasting: 'lasting',
  binds: repository ? [{source: repository.path, target: REPOSITORY, access: 'ro'}] : [],
  variables: {DEBIAN_FRONTEND: 'noninteractive'},
  argv: ['sh', '-c', scriptOf(output, repository), 'apt-get', ...packages],
})

function scriptOf(output: 'stdout' | 'stderr', repository: Repository | undefined): string {
  const script = repository ? withRepository(repository.suite) : SCRIPT
  return output === 'stderr' ? `exec >&2; ${script}` : script
}

/** Throws `usage`. */
export function checkPackageNames(packages: readonly string[]): void {
  const odd = packages.find(pack => !PACKAGE_NAME.test(pack))
  if (odd !== undefined)
    throw new XbuildError('usage', `"${odd}" is not the name of a package`, {hint: 'names as apt-get install takes them'})
}
