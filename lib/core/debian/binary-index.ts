import {isVersion, orderVersions, sourceOf} from './packages.js'

/** A binary package as an archive's Packages index lists it. man 5 deb-control */
export interface IndexedBinary {
  name: string
  version: string
  source: string
  /** Of the index, or `all`. */
  architecture: string
  section: string
  multiArch: 'no' | 'same' | 'foreign' | 'allowed'
  /** Depends and Pre-Depends, as parseRelations takes them. */
  relations: string
  /** Provides, likewise. */
  provides: string
}

/** Debian Policy 5.6.1 */
const NAME = /^[a-z0-9][a-z0-9+.-]+$/

/** What of a stanza is looked at: indices have a hundred thousand of them. */
const FIELD = /^(Package|Version|Source|Architecture|Section|Multi-Arch|Depends|Pre-Depends|Provides): *(.*)$/gm

/** Of each package the newest version, by its name. */
export function parseBinaries(text: string): Map<string, IndexedBinary> {
  const newest = new Map<string, IndexedBinary>()
  for (const stanza of text.split(/\n\n+/)) {
    const binary = readBinary(stanza)
    if (!binary) continue
    const other = newest.get(binary.name)
    if (!other || orderVersions(binary.version, other.version) > 0) newest.set(binary.name, binary)
  }
  return newest
}

function readBinary(stanza: string): IndexedBinary | undefined {
  const fields = new Map<string, string>()
  for (const [, name = '', value = ''] of stanza.matchAll(FIELD)) fields.set(name, value)
  const [name = '', version = ''] = [fields.get('Package'), fields.get('Version')]
  if (!NAME.test(name) || !isVersion(version)) return undefined
  return {
    name,
    version,
    source: sourceOf(name, version, fields.get('Source')).source,
    architecture: fields.get('Architecture') ?? 'all',
    section: fields.get('Section') ?? '',
    multiArch: multiArchOf(fields.get('Multi-Arch')),
    relations: [fields.get('Pre-Depends'), fields.get('Depends')].filter(Boolean).join(', '),
    provides: fields.get('Provides') ?? '',
  }
}

const multiArchOf = (word = 'no'): IndexedBinary['multiArch'] => (word === 'same' || word === 'foreign' || word === 'allowed' ? word : 'no')
