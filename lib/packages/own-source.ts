import type {IndexedBinary} from '../core/debian/binary-index.js'
import {parseStanzas, type Stanza} from '../core/debian/deb822.js'
import {factsOf, type IndexedSource} from '../core/debian/source-index.js'
import {readRegular, Tree} from '../host/beneath.js'
import type {DebSource} from './deb-plan.js'

/** Bytes: more than any control file. */
const TEXT_LIMIT = 16 * 2 ** 20

/** What an archive would say of a source that lies on the host, and of the packages that are built of it for an architecture. */
export interface OwnSource {
  source: IndexedSource
  binaries: readonly IndexedBinary[]
}

/** Of those that lie on the host. */
export const readOwnSources = (sources: readonly DebSource[], architecture: string): OwnSource[] =>
  sources.flatMap(source => (source.kind === 'archive' ? [] : [readOwnSource(source, architecture)]))

function readOwnSource(own: Exclude<DebSource, {kind: 'archive'}>, architecture: string): OwnSource {
  const [first, ...packages] = parseStanzas(controlOf(own))
  const names = own.kind === 'dsc' ? words(first?.get('binary')) : packages.map(one => one.get('package') ?? '')
  const {name, version} = own
  const binaries = names.map(binary =>
    binaryOf(binary, own, packages.find(one => one.get('package') === binary) ?? new Map(), architecture),
  )
  return {source: {...factsOf(first ?? new Map()), name, version, binaries: names, architectures: ['any']}, binaries}
}

/** Of a .dsc, what its packages depend on is not known: it is unpacked in a session. */
function controlOf(own: Exclude<DebSource, {kind: 'archive'}>): string {
  const text = own.kind === 'dsc' ? readRegular(own.path, TEXT_LIMIT) : new Tree([own.path], 'within').read('debian/control', TEXT_LIMIT)
  return text.kind === 'found' ? text.value.toString() : ''
}

const words = (text = '') => text.split(/[\s,]+/).filter(Boolean)

/** Substitutions (`${shlibs:Depends}`) are what only a build finds out; relations that have one are passed over. man 5 deb-substvars */
const binaryOf = (
  name: string,
  {name: source, version}: {name: string; version: string},
  stanza: Stanza,
  architecture: string,
): IndexedBinary => ({
  name,
  version,
  source,
  architecture: stanza.get('architecture') === 'all' ? 'all' : architecture,
  section: stanza.get('section') ?? '',
  multiArch: 'no',
  relations: [stanza.get('pre-depends'), stanza.get('depends')].filter(Boolean).join(', '),
  provides: stanza.get('provides') ?? '',
})
