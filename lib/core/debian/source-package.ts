import {parseStanzas, type Stanza} from './deb822.js'
import {isVersion} from './packages.js'

/** A source package, or what was built of one, as its control files say. */
export interface SourceName {
  name: string
  version: string
}

/** A file that a .dsc or .changes names. */
export interface ListedFile {
  name: string
  size: number
  sha256: string
}

export interface SourceControl extends SourceName {
  files: ListedFile[]
  /** What it is built for: `any`, `all`, architectures, in any mixture. */
  architectures: string[]
}

/** Debian Policy 5.6.1 */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/

/** A name as Debian's files have it: no path, no option, nothing hidden. Debian Policy 5.6.1 and 5.6.12, and what dpkg adds. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9+.~_:%-]*$/

/**
 * NAME_VERSION_ARCHITECTURE.TYPE, as all that a build makes is named: also what dpkg-distaddfile adds, since the archive takes
 * nothing else (dak, daklib/upload.py). Other names are those of files that somebody runs or reads: Makefile, authorized_keys.
 */
const BUILT_NAME = /^[a-z0-9][a-z0-9+.-]*_[A-Za-z0-9+.~%-]+_[a-z0-9-]+\.[a-z0-9][a-z0-9.]*$/

/** Whether a build may make a file of that name; its log and its traces are not its own. */
export const isBuiltName = (name: string) => BUILT_NAME.test(name) && !name.endsWith(LOG_TYPE) && !name.endsWith(TRACE_TYPE)

/** As sbuild and debuild call a log: NAME_VERSION_ARCHITECTURE.build */
export const LOG_TYPE = '.build'
/** What has each exec of it. */
export const TRACE_TYPE = '.trace'

/** Reads a .dsc; undefined where it is none. man 5 dsc */
export function parseDsc(text: string): SourceControl | undefined {
  const stanza = parseStanzas(text)[0]
  const files = stanza && listedFiles(stanza, name => FILE_NAME.test(name))
  const named = stanza && nameOf(stanza)
  if (!stanza || !named || !files || files.length === 0) return undefined
  return {...named, files, architectures: words(stanza.get('architecture'))}
}

/** The files that a build made, as its .changes lists them; undefined where it is none. man 5 deb-changes */
export function parseChanges(text: string): (SourceName & {files: ListedFile[]}) | undefined {
  const stanza = parseStanzas(text)[0]
  const files = stanza && listedFiles(stanza, isBuiltName)
  const named = stanza && nameOf(stanza)
  return named && files ? {...named, files} : undefined
}

function nameOf(stanza: Stanza): SourceName | undefined {
  // `name (version)` where the binary packages have another version than the source.
  const name = stanza.get('source')?.split(' ')[0] ?? ''
  const version = stanza.get('version') ?? ''
  return NAME.test(name) && isVersion(version) ? {name, version} : undefined
}

/** `SHA256 SIZE NAME` on each line; undefined where a line is something else, or a name appears twice. */
function listedFiles(stanza: Stanza, isName: (name: string) => boolean): ListedFile[] | undefined {
  const lines = (stanza.get('checksums-sha256') ?? '').split('\n').filter(Boolean)
  const files = lines.flatMap(line => {
    const [, sha256 = '', size = '', name = ''] = /^([0-9a-f]{64}) +(\d{1,15}) +(\S+)$/.exec(line) ?? []
    return isName(name) ? [{name, size: Number(size), sha256}] : []
  })
  return new Set(files.map(({name}) => name)).size === lines.length ? files : undefined
}

const words = (text = '') => text.split(/[\s,]+/).filter(Boolean)

/** Name and version of a source tree: the first line of debian/changelog. man 5 deb-changelog */
export function parseChangelog(text: string): SourceName | undefined {
  const [, name = '', version = ''] = /^(\S+) \(([^()\s]+)\)/m.exec(text) ?? []
  return NAME.test(name) && isVersion(version) ? {name, version} : undefined
}

/** What the binary packages of a debian/control are built for, in any mixture, and one stanza of a source is needed. */
export function controlArchitectures(text: string): string[] {
  const stanzas = parseStanzas(text)
  return stanzas.flatMap(stanza => (stanza.has('package') ? words(stanza.get('architecture')) : []))
}

/** Debian Policy 5.6.8: `all` packages run anywhere; for all else there is a build for each architecture. */
export const isForAllAlone = (architectures: readonly string[]) => architectures.length > 0 && architectures.every(one => one === 'all')

/** The part of a version that file names have: Debian Policy 5.6.12. */
export const withoutEpoch = (version: string) => version.replace(/^\d+:/, '')

/** The directory that dpkg-source unpacks to by itself: name, and version without epoch and revision. */
export const sourceDirectory = ({name, version}: SourceName) => `${name}-${withoutEpoch(version).replace(/-[^-]*$/, '')}`
