/** What "packages publish" makes: the public key that its index is signed with. */
export const KEY_FILE = 'archive-key.asc'

/** What apt calls where the packages come from. */
export const ORIGIN = 'xbuild-env'

/** Where sessions are shown the repository that their environment was made with. */
export const OWN_REPOSITORY = '/run/xbuild-env-own-repository'

/** Of apt's files in such an environment. */
export const OWN_NAME = 'xbuild-env-repository'

/** A source that apt copies its packages from: so they lie with all others that come. man 5 sources.list */
export const repositorySource = (path: string, suite: string, key: string): string =>
  `Types: deb\nURIs: copy:${path}\nSuites: ${suite}\nComponents: main\nSigned-By: ${key}\n`

/** man 5 apt_preferences: above 1000, a version is installed even where that is a downgrade. */
export const OWN_PRIORITY = 1001

/** Whatever comes from there comes before the archive's, of any version. */
export const PREFERENCES = `Package: *\nPin: release o=${ORIGIN}\nPin-Priority: ${OWN_PRIORITY}\n`

/**
 * Takes installed packages anew which are to be had from such a repository too: of the same version, they are others.
 * `names`: a command that prints those of the repository, one a line.
 */
export const renewScript = (names: string, apt: string): string => `renewed=$({
	dpkg-query --show --showformat '\${Status} \${Package}\\n' | sed -n 's/^install ok installed //p' | sort -u
	${names} | sort -u
} | sort | uniq -d)
[ -z "$renewed" ] || ${apt} install --reinstall --allow-downgrades -- $renewed`
