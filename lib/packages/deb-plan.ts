import {SUMS_OF} from '../core/debian/coming.js'
import {renewScript} from '../core/debian/own-repository.js'
import {STUB_FIELD} from '../core/debian/packages.js'
import {type SourceName, sourceDirectory} from '../core/debian/source-package.js'
import type {Mode} from '../core/session/mode.js'
import {shellLine} from '../core/shell-words.js'

/** Where a source package comes from. */
export type DebSource =
  /** The environment's archives: a name, and a version where a certain one is meant. */
  /** `any`: where no source has the name, it is that of a package, of whose source it is. */
  | {kind: 'archive'; name: string; version: string | undefined; named: 'source' | 'any'}
  /** A tree that has a debian/, which is copied; `without` is a path in it that is not. */
  | ({kind: 'directory'; path: string; without: string | undefined} & SourceName)
  /** A .dsc, with the files that it names beside it. */
  | ({kind: 'dsc'; path: string; files: readonly string[]} & SourceName)

/** What is to be built, and how: data, from which the scripts follow. */
export interface DebPlan {
  source: DebSource
  /** `any`: the packages for the environment's architecture. `all`: those for all architectures too. */
  packages: 'any' | 'all'
  checks: 'run' | 'skip'
  /** Beside nocheck, which follows from `checks`. https://wiki.debian.org/BuildProfileSpec */
  profiles: readonly string[]
  jobs: number
  mode: Mode
}

/**
 * In sessions: where the source is, and what is built comes. Debian's own builders have had this one since July 2023 (its bug 1034424); a program's
 * run path takes its length into what is built, so that all addresses differ. dpkg-genbuildinfo writes paths below /build down.
 */
export const BUILD_DIRECTORY = '/build/reproducible-path'
/** Where sessions are shown what apt is to go by. */
export const APT_DIRECTORY = '/run/xbuild-env'
const APT_CONFIG = `${APT_DIRECTORY}/apt.conf`
/** Where apt puts the packages that a build needs: what is there will come. */
export const ARCHIVES = '/var/cache/apt/xbuild-env'
/** Where sessions are shown packages that were fetched before: each by its SHA256. */
export const DOWNLOADS = `${APT_DIRECTORY}/downloads`
/** Of these, the lists of archives that were fetched before. */
export const LISTS = 'lists'
/** Where the names of packages are that may have twins, below APT_DIRECTORY, one a line. */
export const ROUTED = 'routed'

/**
 * Who builds: of no rights, and no home. The id is one that neither Debian gives (Policy 9.2.2: 60000-64999 for packages that
 * ask, none of which has this one) nor systemd (https://systemd.io/UIDS-GIDS/: 60706-61183 are unused).
 */
export const BUILDER = 'builder'
const BUILDER_ID = 61000
const NO_HOME = '/nonexistent'

/** What apt is told for all that it does in the throw-away layer. man 5 apt.conf, man 1 apt-get */
export const APT_SETTINGS = `Dir::Cache::Archives "${ARCHIVES}/";
Dir::Etc::SourceList "${APT_DIRECTORY}/sources.list";
Dir::Etc::SourceParts "${APT_DIRECTORY}/sources.list.d";
Dir::Etc::Preferences "${APT_DIRECTORY}/preferences";
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "3";
quiet "1";
`

/** What every build needs, as sbuild has it, beside build-essential, which apt adds itself. */
export const CORE_DEPENDS = 'dpkg-dev, fakeroot'
/** As a source that needs it. */
export const CORE_CONTROL = `Source: xbuild-env
Maintainer: nobody <nobody@localhost>
Build-Depends: ${CORE_DEPENDS}

Package: xbuild-env
Architecture: any
Description: what every build needs
`
/** Where that is, below APT_DIRECTORY. */
export const CORE_SOURCE = 'core'

/** One step in a session: a script for sh. */
export interface DebStep {
  name: 'fetch' | 'unpack' | 'stubs' | 'look' | 'install' | 'build' | 'compare'
  script: string
  user: 'root' | typeof BUILDER
  network: 'host' | 'own'
  directory: string
  variables: Readonly<Record<string, string>>
}

const aptVariables = {APT_CONFIG, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8'}
const BUILD_USER = {user: BUILDER, network: 'own'} as const

/** Nobody starts services in a session. https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt */
const SETUP = `umask 022
mkdir -p ${ARCHIVES}/partial
grep -q '^${BUILDER}:' /etc/passwd || echo '${BUILDER}:x:${BUILDER_ID}:${BUILDER_ID}::${NO_HOME}:/bin/sh' >>/etc/passwd
grep -q '^${BUILDER}:' /etc/group || echo '${BUILDER}:x:${BUILDER_ID}:' >>/etc/group
if [ ! -e /usr/sbin/policy-rc.d ]; then
	printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
fi`

/** Has apt read the indices of a site's repositories alone. man 1 apt-get, APT::Get::List-Cleanup */
const UPDATE_OWN = `apt-get -oDir::Etc::SourceList=${APT_DIRECTORY}/repositories.list -oDir::Etc::SourceParts=- -oAPT::Get::List-Cleanup=0 update`

/** Lists that were kept have the times that apt knows them by. */
const takeLists = (name: string) => `for place in var/lib/apt/lists var/cache/apt; do
	cp --preserve=timestamps ${DOWNLOADS}/${LISTS}/${name}/$place/* /$place/
done
[ ! -s ${APT_DIRECTORY}/repositories.list ] || ${UPDATE_OWN}`

/** The lists of packages, fetched or those of the name that were kept, and for a source of the archive its files. */
export function fetchStep({source}: DebPlan, lists?: string): DebStep {
  const fetch = source.kind === 'archive' ? [fetchSource(source)] : []
  const update = lists === undefined ? 'apt-get update' : takeLists(lists)
  const script = [SETUP, update, ...fetch, `chown -Rh ${BUILDER}:${BUILDER} ${BUILD_DIRECTORY}`].join('\n')
  return {name: 'fetch', script, user: 'root', network: 'host', directory: BUILD_DIRECTORY, variables: aptVariables}
}

/**
 * apt takes a name for that of a package first, and of such a package a version that is there or comes for one that only begins like
 * it: `patch=2.7.6-7` is 2.7.6-7+deb12u1 then. man 1 apt-get, --only-source
 */
function fetchSource({name, version, named}: Extract<DebSource, {kind: 'archive'}>): string {
  const wanted = shellLine([version === undefined ? name : `${name}=${version}`])
  const fetch = (option: string) => `apt-get ${option}--download-only source -- ${wanted}`
  if (named === 'source') return fetch('--only-source ')
  return `if apt-cache --only-source showsrc -- ${shellLine([name])} 2>/dev/null | grep -q .; then
	${fetch('--only-source ')}
else
	${fetch('')}
fi`
}

export const sourcePath = (source: SourceName) => `${BUILD_DIRECTORY}/${sourceDirectory(source)}`

/** Makes the tree of a .dsc. */
export const unpackStep = (dsc: string, source: SourceName): DebStep => ({
  name: 'unpack',
  script: `umask 022\n${shellLine(['dpkg-source', '-x', `./${dsc}`, sourcePath(source)])}`,
  ...BUILD_USER,
  directory: BUILD_DIRECTORY,
  variables: {LC_ALL: 'C.UTF-8', HOME: NO_HOME},
})

/** Between what apt prints and what `look` does. */
export const RECORDS = '--- what apt knows of these packages:'

export const buildProfiles = ({checks, profiles}: Pick<DebPlan, 'checks' | 'profiles'>) => [
  ...(checks === 'skip' ? ['nocheck'] : []),
  ...profiles,
]

/** Build profiles tell apt what is not needed. */
const profileOptions = (plan: DebPlan) => {
  const profiles = buildProfiles(plan)
  return profiles.length > 0 ? ['--build-profiles', profiles.join(',')] : []
}

/** Profiles that debian/rules knows as an option of the same name too. Debian Policy 4.9.1 */
const ALSO_OPTIONS = ['nocheck', 'nodoc']

/** There once it has been looked at what is to be fetched. */
const SEEDED = `${ARCHIVES}/.seeded`

/**
 * apt-get, which finds what was fetched before in its place: it takes a file of the right size for what it is, so that those are
 * links whose sum is the one that the archive says. man 1 apt-get, --print-uris
 */
const FETCHING = `fetching() {
	[ -e ${SEEDED} ] || [ ! -e ${DOWNLOADS} ] || apt-get --print-uris "$@" |
		sed -n "s/^'[^']*' \\([^ /]*\\) [0-9]* SHA256:\\([0-9a-f]\\{64\\}\\)$/\\1 \\2/p" |
		while read -r file sum; do
			[ ! -e "${DOWNLOADS}/$sum" ] || ln -sf "${DOWNLOADS}/$sum" "${ARCHIVES}/$file"
		done
	apt-get "$@"
}`

/**
 * Of what is installed, that which a repository of the site has is taken from there first. Where that is only looked at, the build's
 * dependencies are what takes an older version of it.
 */
function dependencies(plan: DebPlan, source: SourceName, more: readonly string[] = []): string {
  const which = plan.packages === 'any' ? ['--arch-only'] : []
  const sources = [`${sourcePath(source)}/`, `${APT_DIRECTORY}/${CORE_SOURCE}/`]
  return `${FETCHING}
if [ -s ${APT_DIRECTORY}/names ]; then
${renewScript(`cat ${APT_DIRECTORY}/names`, shellLine(['fetching', ...more]))}
fi
${shellLine(['fetching', ...more, 'build-dep', '--allow-downgrades', ...which, ...profileOptions(plan), '--', ...sources])}`
}

/** Of what apt knows of a package, that which is looked at. */
const FIELDS = ['Package', 'Version', 'Source', 'Architecture', 'Depends', 'Pre-Depends', STUB_FIELD]

/** Which packages apt would install: a line `Inst NAME …` for each. */
export const resolveStep = (plan: DebPlan, source: SourceName): DebStep => ({
  name: 'stubs',
  script: `umask 022\n${dependencies(plan, source, ['--simulate'])}`,
  user: 'root',
  network: 'own',
  directory: '/',
  variables: aptVariables,
})

export const repositoriesStep = (): DebStep => ({
  name: 'stubs',
  script: UPDATE_OWN,
  user: 'root',
  network: 'own',
  directory: '/',
  variables: aptVariables,
})

/**
 * Downloads what will be installed, and says what apt knows of it, and of which files those packages are that may have twins:
 * /usr/share has no programs.
 */
export const lookStep = (plan: DebPlan, source: SourceName): DebStep => ({
  name: 'look',
  script: `umask 022
${dependencies(plan, source, ['--download-only'])}
: >${SEEDED}
cd ${ARCHIVES}
names=$(ls | sed -n 's/_.*\\.deb$//p')
echo '${RECORDS}'
[ -z "$names" ] || apt-cache show --no-all-versions $names | sed -n '/^$/p; /^\\(${FIELDS.join('\\|')}\\):/p'
for name in $(printf '%s\\n' $names | grep -Fxf ${APT_DIRECTORY}/${ROUTED}); do
	echo "${SUMS_OF}$name"
	dpkg-deb --info "$name"_*.deb md5sums 2>/dev/null | grep -v '  usr/share/' || :
done`,
  user: 'root',
  network: 'host',
  directory: '/',
  variables: aptVariables,
})

export const installStep = (plan: DebPlan, source: SourceName): DebStep => ({
  name: 'install',
  script: `umask 022\n${dependencies(plan, source)}`,
  user: 'root',
  network: 'host',
  directory: '/',
  variables: aptVariables,
})

/** What sbuild and a buildd give a build, and nothing of the caller's. */
export function buildStep(plan: DebPlan, source: SourceName): DebStep {
  const profiles = buildProfiles(plan)
  return {
    name: 'build',
    script: `umask 022\n${shellLine(['dpkg-buildpackage', '-us', '-uc', plan.packages === 'any' ? '-B' : '-b'])}`,
    ...BUILD_USER,
    directory: sourcePath(source),
    variables: {
      HOME: NO_HOME,
      LC_ALL: 'C.UTF-8',
      DEB_BUILD_OPTIONS: [`parallel=${plan.jobs}`, ...profiles.filter(one => ALSO_OPTIONS.includes(one))].join(' '),
      ...(profiles.length > 0 ? {DEB_BUILD_PROFILES: profiles.join(' ')} : {}),
    },
  }
}

/** The steps as they are known before the source is there, for people. */
export function describePlan(plan: DebPlan): DebStep[] {
  const {source} = plan
  const named = source.kind === 'archive' ? {name: source.name, version: source.version ?? 'VERSION'} : source
  const dsc = source.kind === 'dsc' ? (source.path.split('/').at(-1) ?? '') : `${named.name}_${named.version}.dsc`
  return [
    fetchStep(plan),
    ...(source.kind === 'directory' ? [] : [unpackStep(dsc, named)]),
    lookStep(plan, named),
    installStep(plan, named),
    buildStep(plan, named),
  ]
}
