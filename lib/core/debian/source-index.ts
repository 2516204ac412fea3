import {parseStanzas, type Stanza} from './deb822.js'
import {isVersion, orderVersions} from './packages.js'
import type {SourceName} from './source-package.js'

/** A source package as an archive's Sources index lists it. https://wiki.debian.org/DebianRepository/Format#A.22Sources.22_Indices */
export interface IndexedSource extends SourceName {
  /** Its own, and its packages' that are not for all architectures: never empty. */
  sections: readonly [string, ...string[]]
  /** What its binary packages are for: `any`, `all`, `linux-any`, architectures. */
  architectures: readonly string[]
  binaries: readonly string[]
  /** Bytes of its files. */
  size: number
  /** Names of packages of which a build for one architecture needs one or another, alternatives included. */
  needs: readonly string[]
  /** The fields that these are from, as parseRelations takes them. */
  relations: string
}

/** Debian Policy 5.6.1 */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/

/** Of each source the newest version: a suite's updates and security updates are in indices of their own. */
export function parseSources(text: string): IndexedSource[] {
  const newest = new Map<string, IndexedSource>()
  for (const stanza of parseStanzas(text)) {
    const source = readSource(stanza)
    if (!source) continue
    const other = newest.get(source.name)
    if (!other || orderVersions(source.version, other.version) > 0) newest.set(source.name, source)
  }
  return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Undefined for what is no source, or is there only since some binary was built of it. */
function readSource(stanza: Stanza): IndexedSource | undefined {
  const [name = '', version = ''] = [stanza.get('package'), stanza.get('version')]
  if (!NAME.test(name) || !isVersion(version) || stanza.get('extra-source-only') === 'yes') return undefined
  return {name, version, ...factsOf(stanza)}
}

/** What of a source's stanza does not tell its name and version; also of a .dsc, or of the first stanza of a debian/control. */
export function factsOf(stanza: Stanza): Omit<IndexedSource, 'name' | 'version'> {
  const relations = ['build-depends', 'build-depends-arch'].flatMap(field => stanza.get(field) ?? []).join(',')
  return {
    sections: sectionsOf(stanza),
    architectures: words(stanza.get('architecture')),
    binaries: words(stanza.get('binary')).filter(one => NAME.test(one)),
    size: fileSizes(stanza.get('checksums-sha256')),
    needs: [...new Set(relationNames(relations))],
    relations,
  }
}

/**
 * Indices put most sources into `misc`, whatever their debian/control says: such a one is of its packages' sections. Package-List has
 * `NAME TYPE SECTION PRIORITY arch=…` on each line: man 5 dsc
 */
function sectionsOf(stanza: Stanza): [string, ...string[]] {
  const own = stanza.get('section') ?? ''
  const listed = (stanza.get('package-list') ?? '').split('\n').map(line => line.trim().split(/\s+/))
  const packages = listed.flatMap(([, type, section = '', , ...more]) => (type === 'deb' && !more.includes('arch=all') ? [section] : []))
  const [first = own, ...others] = new Set(own === '' || own === 'misc' ? packages : [own, ...packages])
  return [first, ...others]
}

const words = (text = '') => text.split(/[\s,]+/).filter(Boolean)

/** `HASH SIZE NAME` on each line. */
const fileSizes = (text = '') => text.split('\n').reduce((sum, line) => sum + Number(/^[0-9a-f]{64} +(\d{1,15}) /.exec(line)?.[1] ?? 0), 0)

/** The names in a field of relations. Debian Policy 7.1 */
const relationNames = (text: string) => text.split(/[,|]/).flatMap(part => /^\s*([a-z0-9][a-z0-9+.-]+)/.exec(part)?.[1] ?? [])

/** Whether a source has packages for an architecture of Linux. */
export const isBuiltFor = (architectures: readonly string[], target: string): boolean =>
  architectures.some(pattern => matchesArchitecture(pattern, target))

/**
 * Whether an architecture of Linux is meant. Debian Policy 11.1.1: a wildcard is `any`, `OS-any`, `any-CPU`, or either of these
 * with a C library before it.
 */
export function matchesArchitecture(pattern: string, target: string): boolean {
  if (pattern === target || pattern === 'any') return true
  const parts = pattern.split('-')
  if (!parts.includes('any')) return false
  const [cpu = '', os = 'any', libc = 'any'] = parts.reverse()
  return (cpu === 'any' || cpu === target) && (os === 'any' || os === 'linux') && (libc === 'any' || libc === 'gnu')
}
