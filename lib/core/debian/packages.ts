import type {Distribution} from '../distributions/distribution.js'

/** dpkg's database in a root. man 1 dpkg, FILES */
export const DPKG_DATABASE = 'var/lib/dpkg'
export const DPKG_STATUS = `${DPKG_DATABASE}/status`

/** Bytes: ten times what it has of some thousand packages. */
export const DPKG_STATUS_LIMIT = 128 * 2 ** 20

/** Debian Policy 5.6.1 and 5.6.12; of versions, what dpkg takes. */
const NAME = '[a-z0-9][a-z0-9+.-]*'
const VERSION = '[0-9A-Za-z][0-9A-Za-z.+:~-]*'
const ARCHITECTURE = '[a-z0-9][a-z0-9-]*'

/**
 * A name as apt-get install takes it, with `:architecture` and `=version`: no option, no pattern, and no dash at its end, which
 * would remove the package.
 */
export const PACKAGE_NAME = new RegExp(`^${NAME}(:${ARCHITECTURE})?(=${VERSION})?(?<!-)$`)

const isName = matches(NAME)
export const isVersion = matches(VERSION)
const isArchitecture = matches(ARCHITECTURE)

function matches(pattern: string): (text: string) => boolean {
  const whole = new RegExp(`^${pattern}$`)
  return text => whole.test(text)
}

/** A package of a root, from dpkg's status file. man 5 deb-control */
export interface InstalledPackage {
  name: string
  architecture: string
  version: string
  source: string
  sourceVersion: string
  /** Its programs are stubs: those of the host's package of its name are their twins. */
  stub?: true
}

/** The field that says so. */
export const STUB_FIELD = 'Xbuild-Stub'

/** What dpkg says of packages whose files are in place. man 1 dpkg, "Package states" */
const IN_PLACE = / (installed|unpacked|half-configured|triggers-awaited|triggers-pending)$/

/**
 * The packages that dpkg's status file says are installed (`Status: install ok installed`), or nearly so. What has no name, no
 * version or no architecture that dpkg itself would take is left out: names become file names and apt's arguments.
 */
export function parseStatus(text: string): InstalledPackage[] {
  return text.split('\n\n').flatMap(stanza => {
    const fields = new Map<string, string>()
    for (const line of stanza.split('\n')) {
      const field = /^([A-Za-z-]+): (.*)$/.exec(line)
      if (field) fields.set(field[1] as string, field[2] as string)
    }
    const name = fields.get('Package')
    const version = fields.get('Version')
    const status = fields.get('Status')
    const architecture = fields.get('Architecture') ?? ''
    if (!name || !version || (status !== undefined && !IN_PLACE.test(status))) return []
    const {source, sourceVersion} = sourceOf(name, version, fields.get('Source'))
    const isWhole = isName(name) && isName(source) && isVersion(version) && isVersion(sourceVersion)
    if (!isWhole || (architecture !== '' && !isArchitecture(architecture))) return []
    return [{name, version, architecture, source, sourceVersion, ...(fields.get(STUB_FIELD) === 'yes' ? {stub: true as const} : {})}]
  })
}

/** `Source: name (version)`, where they differ from the package's own. A rebuild without change (`+b1`) has the
 * source's version in `Source`. */
export function sourceOf(name: string, version: string, source: string | undefined): {source: string; sourceVersion: string} {
  const parts = /^(\S+)(?: \((.+)\))?$/.exec(source ?? '')
  return {source: parts?.[1] ?? name, sourceVersion: parts?.[2] ?? withoutRebuild(version)}
}

/** A rebuild of the same source for one architecture: Debian Developer's Reference 5.10.2.1, `+bN`. */
const withoutRebuild = (version: string) => version.replace(/\+b\d+$/, '')

/** Cross compilers are built from the same source under a version of their own: `12.2.0-14cross5`. */
export const crossSourceVersion = (version: string) => withoutRebuild(version).replace(/cross\d+$/, '')

export type TwinMatch = 'exact' | 'skewed' | 'different'

/** Whether two versions of one source are the same program: see "skewed twin" in docs/design/same-program.md. */
export function compareVersions(target: string, twin: string, {withoutUpdate}: Pick<Distribution, 'withoutUpdate'>): TwinMatch {
  if (target === twin) return 'exact'
  return withoutUpdate(target) === withoutUpdate(twin) ? 'skewed' : 'different'
}

/**
 * Which of two versions is the newer: below 0, 0 or above 0, for sort(). man 7 deb-version: epoch, upstream version and
 * revision are compared one after the other, each by turns of non-digits and digits.
 */
export function orderVersions(a: string, b: string): number {
  const [left, right] = [versionParts(a), versionParts(b)]
  for (const i of [0, 1, 2] as const) {
    const order = orderParts(left[i], right[i])
    if (order !== 0) return order
  }
  return 0
}

function versionParts(version: string): [string, string, string] {
  const [, epoch = '0', upstream = '', revision = '0'] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(version) ?? []
  return [epoch, upstream, revision]
}

/** `~` comes before everything, even the end; letters before all other characters. */
const weight = (character: string | undefined) => {
  if (character === undefined) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 256
}

function orderParts(a: string, b: string): number {
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)] // non-digits, which may be none, then digits, and so on
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one = '', other = ''] = [left[i], right[i]]
    const order = i % 2 === 1 ? Number(one) - Number(other) : orderLetters(one, other)
    if (order !== 0) return order
  }
  return 0
}

function orderLetters(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = weight(a[i]) - weight(b[i])
    if (order !== 0) return order
  }
  return 0
}

/** In a merged root, `/bin` and its like are links to `/usr/bin`, but packages may still list the old path. */
export const mergedPath = (path: string) => path.replace(/^\/(bin|sbin|lib|lib32|lib64|libx32|libo32)\//, '/usr/$1/')

/** dpkg's lists of md5 sums: `<32 hex digits>  <path without the first slash>`. */
export function parseSums(text: string): Map<string, string> {
  const sums = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line.length > 34) sums.set(mergedPath(`/${line.slice(34)}`), line.slice(0, 32))
  }
  return sums
}

/** Where a machine's libraries of its other ABIs lie, as debootstrap has it (functions, setup_merged_usr). */
const OTHER_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  amd64: ['lib32', 'lib64', 'libx32'],
  mips64el: ['lib32', 'lib64', 'libo32'],
  mipsel: ['lib32', 'lib64'],
  ppc64el: ['lib64'],
  s390x: ['lib32'],
}

/** The directories of / that are links into a merged /usr, on an architecture. */
export const mergedDirectories = (architecture: string): readonly string[] => [
  'bin',
  'sbin',
  'lib',
  ...(OTHER_LIBRARIES[architecture] ?? []),
]
