import {hostArchitecture} from '../core/hosts/hosts.js'
import {SITE} from '../root/stub-index.js'
import {APT_DIRECTORY, type DebStep} from './deb-plan.js'
import {HOST_CONTENTS, HOST_PACKAGES} from './stub-store.js'

/** Where sessions are shown the stubs' directory. */
export const STUB_DIRECTORY = '/run/xbuild-env-stubs'

/**
 * Beside apt's own settings: the archive of the host's architecture, and its lists of contents, but for those of packages for all
 * architectures, which are three times as long. https://salsa.debian.org/apt-team/apt/-/blob/main/doc/acquire-additional-files.md
 */
export const hostAptSettings = (host: string) => `Dir::State::Lists "${STUB_DIRECTORY}/lists";
Dir::State::Status "/dev/null";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::IndexTargets::deb::Contents-deb {
	MetaKey "$(COMPONENT)/Contents-${host}";
	ShortDescription "Contents-${host}";
	Description "$(RELEASE)/$(COMPONENT) ${host} Contents (deb)";
	KeepCompressed "true";
};
`
/** Below APT_DIRECTORY. */
export const HOST_APT_CONFIG = 'host-apt.conf'

const SETTINGS = {APT_CONFIG: `${APT_DIRECTORY}/${HOST_APT_CONFIG}`, LC_ALL: 'C.UTF-8'}

/** After what the activator has apt say of the root's architecture. */
const asHost = () => `-oAPT::Architecture=${hostArchitecture().debian} -oAPT::Architectures=${hostArchitecture().debian}`

const stubStep = (script: string): DebStep => ({
  name: 'stubs',
  script,
  user: 'root',
  network: 'host',
  directory: STUB_DIRECTORY,
  variables: SETTINGS,
})

/** Of the lists of contents only programs, libraries and modules are looked at, a small part of them. */
const LOOKED_AT = '^(usr/)?((s?bin|games)/|lib(32|64|x32)?/[^ ]*\\.(so|a)[ \t])'

/** What the archive of the host's architecture has. */
export const listStep = (): DebStep =>
  stubStep(`umask 022
mkdir -p lists/partial
apt-get ${asHost()} update
list() { apt-get ${asHost()} indextargets --format '$(REPO_URI) $(FILENAME)' "Created-By: $1"; }
list Packages | while read -r site file; do
	[ ! -e "$file" ] || { /usr/lib/apt/apt-helper cat-file "$file" | sed "s|^Package:|${SITE}: $site\\nPackage:|"; echo; }
done >${HOST_PACKAGES}.new
list Contents-deb | while read -r site file; do
	[ ! -e "$file" ] || /usr/lib/apt/apt-helper cat-file "$file" | { grep -E '${LOOKED_AT}' || :; }
done >${HOST_CONTENTS}.new
mv ${HOST_CONTENTS}.new ${HOST_CONTENTS}
mv ${HOST_PACKAGES}.new ${HOST_PACKAGES}`)

/** Where what is to be fetched is listed: address, file and sum of each. */
export const WANTED = 'wanted'

/** Fetches files, of which apt checks the sums, into a directory below STUB_DIRECTORY. */
export const downloadStep = (directory: string): DebStep =>
  stubStep(`umask 022
cd ${directory}
xargs -n 150 -a ${WANTED} /usr/lib/apt/apt-helper download-file`)
