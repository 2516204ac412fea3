import {realpathSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {KEY_FILE, OWN_NAME, OWN_REPOSITORY, PREFERENCES, renewScript, repositorySource} from '../core/debian/own-repository.js'
import {PACKAGE_NAME} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import {shellLine} from '../core/shell-words.js'
import {isThere} from '../host/files.js'
import {runSession} from '../host/session.js'
import type {SessionPlace} from './place.js'
import {planScript, type Script} from './script.js'

/** On a terminal apt-get shows how far it is. man 8 apt-get, --quiet */
const LOUDNESS = 'quiet=--quiet; if [ -t 1 ]; then quiet=; fi'
/**
 * Several commands that share a session may install at once: each waits for the one before. man 8 apt-get, apt.conf(5) on
 * DPkg::Lock::Timeout; of the lists apt-get itself does not.
 */
const WAIT = '-oDPkg::Lock::Timeout=-1'
/** The root's own package manager: lists first, since a new root has none. */
const UPDATE = 'flock /run/xbuild-env-lists.lock apt-get $quiet update'
const INSTALL = `apt-get $quiet ${WAIT} --yes --no-install-recommends install -- "$@"`
/**
 * What a dpkg that was killed has left is finished first: apt-get refuses to. Its journal has files of numbers (dpkg, lib/dpkg/dbmodify.c), also
 * while another is at work, which is waited for.
 */
const FINISH = `isInterrupted() { case $(ls /var/lib/dpkg/updates) in *[0-9]*) ;; *) return 1 ;; esac; }
if isInterrupted; then
	apt-get ${WAIT} check >/dev/null 2>&1
	if isInterrupted; then dpkg --configure -a; fi
fi`
const SCRIPT = `${LOUDNESS}
${FINISH}
${UPDATE} && exec ${INSTALL}`

/** Where sessions are shown a repository of the host's that is meant for one call. */
const GIVEN_REPOSITORY = '/run/xbuild-env-repository'

/**
 * The same, for as long as it takes with the repository among apt's sources. Its packages come before the archive's of any version:
 * whoever names it wants them. man 5 apt_preferences
 */
const withRepository = (suite: string) => `${LOUDNESS}
umask 022
list=/etc/apt/sources.list.d/xbuild-env-given.sources
preference=/etc/apt/preferences.d/xbuild-env-given
trap 'rm -f "$list" "$preference"' EXIT
${writing(repositorySource(GIVEN_REPOSITORY, suite, `${GIVEN_REPOSITORY}/${KEY_FILE}`), '"$list"')}
${writing(PREFERENCES, '"$preference"')}
${FINISH}
${UPDATE} && ${INSTALL}`

const writing = (text: string, file: string) => `${shellLine(['printf', '%s', text])} >${file}`

/** A repository as "packages publish" makes it. */
export interface Repository {
  path: string
  suite: string
}

/** Throws `bad-directory` for what is not a repository for the suite. */
export function findRepository(given: string, suite: string): Repository {
  const path = resolve(given)
  const lacks = [join('dists', suite, 'InRelease'), KEY_FILE].find(name => !isThere(join(path, name)))
  if (lacks === undefined) return {path: realpathSync(path), suite}
  throw new XbuildError('bad-directory', `${path} is not a repository for ${suite}: it has no ${lacks}`, {
    hint: 'make one of what a run built: xbuild-env packages publish RUN DIR',
  })
}

/** What installs packages. `output`: where what apt-get says goes. */
export const installScript = (packages: readonly string[], output: 'stdout' | 'stderr', repository?: Repository): Script => ({
  lasting: 'lasting',
  missingTwins: 'of-all',
  binds: repository ? [{source: repository.path, target: GIVEN_REPOSITORY, access: 'ro'}] : [],
  variables: {DEBIAN_FRONTEND: 'noninteractive'},
  argv: ['sh', '-c', scriptOf(output, repository), 'apt-get', ...packages],
})

function scriptOf(output: 'stdout' | 'stderr', repository: Repository | undefined): string {
  const script = repository ? withRepository(repository.suite) : SCRIPT
  return output === 'stderr' ? `exec >&2; ${script}` : script
}

/**
 * Has an environment go by the repository that it is shown (its record says which): for good, by the key that lies there now, and
 * for what it has installed already.
 */
export const repositoryScript = (suite: string, packages: readonly string[]): Script => ({
  lasting: 'lasting',
  variables: {DEBIAN_FRONTEND: 'noninteractive'},
  argv: ['sh', '-c', repositorySteps(suite, packages), 'apt-get', ...packages],
})

const repositorySteps = (suite: string, packages: readonly string[]) => `set -e
${LOUDNESS}
umask 022
mkdir -p /etc/apt/keyrings
cat ${OWN_REPOSITORY}/${KEY_FILE} >/etc/apt/keyrings/${OWN_NAME}.asc
${writing(repositorySource(OWN_REPOSITORY, suite, `/etc/apt/keyrings/${OWN_NAME}.asc`), `/etc/apt/sources.list.d/${OWN_NAME}.sources`)}
${writing(PREFERENCES, `/etc/apt/preferences.d/${OWN_NAME}`)}
${UPDATE}
${renewScript(`sed -n 's/^Package: *//p' "${OWN_REPOSITORY}/dists/${suite}/main/binary-$(dpkg --print-architecture)/Packages"`, 'apt-get --quiet --yes')}
${packages.length === 0 ? '' : INSTALL}`

/** Installs packages in an environment in the making. Returns what was printed, where it failed. */
export async function tryInstall(
  place: SessionPlace,
  script: Script,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const lines: string[] = []
  const take = (line: string) => {
    lines.push(line)
    onLine(line)
  }
  const result = await runSession(await planScript(place, script), {output: {lines: take}, signal})
  signal.throwIfAborted()
  return result.kind === 'ended' && result.exitCode === 0 ? undefined : lines
}

/** Of what apt-get printed, why it failed. */
export const whyNotInstalled = (lines: readonly string[]): string =>
  (lines.findLast(line => line.startsWith('E: ')) ?? lines.at(-1) ?? 'apt-get ended without a message').replace(/^E: /, '')

/** Throws `usage`. */
export function checkPackageNames(packages: readonly string[]): void {
  const odd = packages.find(pack => !PACKAGE_NAME.test(pack))
  if (odd !== undefined)
    throw new XbuildError('usage', `"${odd}" is not the name of a package`, {hint: 'names as apt-get install takes them'})
}
