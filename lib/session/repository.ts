import {XbuildError} from '../core/errors.js'
import {NO_SPACE_HINT, saysNoSpace} from '../core/no-space.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {repositoryScript, tryInstall, whyNotInstalled} from './install.js'
import type {SessionPlace} from './place.js'
import {fetchMissingTwins} from './twins.js'

/** Has an environment in the making go by its repository, and installs packages then. */
export async function addRepository(
  place: SessionPlace,
  packages: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<EnvironmentRecord> {
  const {repository = '', suite} = place.record
  onLine(`installing what ${repository} has`)
  const lines = await tryInstall(place, repositoryScript(suite, packages), onLine, signal)
  if (lines?.some(saysNoSpace)) {
    throw new XbuildError('no-space', `what ${repository} has cannot be installed: no space left on the disk`, {hint: NO_SPACE_HINT})
  }
  if (lines) {
    throw new XbuildError('install-failed', `what ${repository} has cannot be installed: ${whyNotInstalled(lines)}`, {
      hint: 'was it published for this CPU, and are its packages those of the suite? Run it again with --verbose to see all that apt-get says',
    })
  }
  return fetchMissingTwins(place, {onFetch: names => onLine(`fetching the twins of ${names.join(', ')}`), onLine, signal})
}
