import {crossSourceVersion, orderVersions, STUB_FIELD} from '../core/debian/packages.js'
import {HOLDS_NOTHING, type Holdings, kindOf, type StubKind, type StubLists} from '../core/stubs/kind.js'
import {type DatabaseChanges, type Field, fieldOf, parseStanza, printStanza, retargetStanza} from './database.js'
import {type LayoutNames, retarget} from './layout-rules.js'

/** The archive of the host's architecture, as apt has read it. */
export interface HostArchive {
  /** Its index of packages; `SITE` in a stanza says where its files are. */
  packages: string
  /** What its list of contents says of packages. */
  holdings: ReadonlyMap<string, Holdings>
}

/** The field that says where a package's file is, before the path that the index has: added to the index as it is read. */
export const SITE = 'Xbuild-Site'

export interface StubIndexRules {
  names: LayoutNames
  lists: StubLists
  /** Packages of the compiler in a root, and the packages that hold their twins. */
  compilers: Readonly<Record<string, string>>
}

/** A package that a root of a CPU without an archive can have at once. */
export interface StubEntry {
  name: string
  version: string
  /** `as-is`: for all architectures. `stub`: what the host's package becomes. `given`: a library that belongs to the cross compiler. */
  make: 'as-is' | 'stub' | 'given'
  /** The file of the archive that it is made of. */
  from: {site: string; file: string; sha256: string; size: number}
  /** Its control fields, without those of a file. */
  control: string
}

export interface StubIndex {
  entries: ReadonlyMap<string, StubEntry>
  /** What each package of the host's architecture is, by its name in the target. */
  kinds: ReadonlyMap<string, StubKind>
}

/** What of an index apt goes by. */
const CONTROL = [
  'Package',
  'Source',
  'Version',
  'Architecture',
  'Essential',
  'Priority',
  'Section',
  'Maintainer',
  'Multi-Arch',
  'Pre-Depends',
  'Depends',
  'Recommends',
  'Suggests',
  'Breaks',
  'Conflicts',
  'Replaces',
  'Enhances',
  'Provides',
]
const WANTED = new Set([...CONTROL, 'Filename', 'SHA256', 'Size', SITE])

type Stanza = readonly Field[]

/** All packages that can be had at once, from the archive of the host's architecture. */
export function makeStubIndex({packages, holdings}: HostArchive, rules: StubIndexRules): StubIndex {
  const newest = readIndex(packages)
  const given = givenPackages(newest, rules)
  const own = [...newest.values()].filter(stanza => !isForeignToolchain(fieldOf(stanza, 'Package'), rules.names))
  const kinds = new Map<string, StubKind>()
  for (const stanza of own) kinds.set(targetName(stanza, rules.names), kindOfStanza(stanza, holdings, rules, newest))
  const changes: DatabaseChanges = {
    names: rules.names,
    versions: new Map([...given].map(([name, stanza]) => [name, crossSourceVersion(fieldOf(stanza, 'Version'))])),
    gone: goneNames(own, kinds, given, rules.names),
  }
  const replaced = new Map(
    own.flatMap(stanza => {
      const name = targetName(stanza, rules.names)
      return given.has(name) ? [[name, fieldOf(stanza, 'Version')] as const] : []
    }),
  )
  const entries = new Map<string, StubEntry>()
  const known: Known = {stanzas: new Map(own.map(stanza => [targetName(stanza, rules.names), stanza])), kinds, changes, replaced, given}
  for (const stanza of own) {
    const entry = entryOf(stanza, known, rules)
    if (entry) entries.set(entry.name, entry)
  }
  for (const [name, stanza] of given) {
    if (entries.has(name)) continue
    entries.set(name, makeEntry('given', name, stanza, withoutCross(stanza, name, rules)))
  }
  return {entries, kinds}
}

/** Of each package the newest version. */
function readIndex(text: string): Map<string, Stanza> {
  const newest = new Map<string, Stanza>()
  for (const part of text.split(/\n\n+/)) {
    const stanza = parseStanza(part).filter(([name]) => WANTED.has(name))
    const name = fieldOf(stanza, 'Package')
    const other = newest.get(name)
    if (name === '' || (other && orderVersions(fieldOf(other, 'Version'), fieldOf(stanza, 'Version')) >= 0)) continue
    newest.set(name, stanza)
  }
  return newest
}

const crossSuffix = ({target}: LayoutNames) => `-${target.architecture}-cross`

/** Those of the cross compiler that a root has as its own, by their names there: its libraries, and the compilers themselves. */
function givenPackages(index: ReadonlyMap<string, Stanza>, {names, compilers}: StubIndexRules): Map<string, Stanza> {
  const suffix = crossSuffix(names)
  const libraries = [...index].flatMap(([name, stanza]) =>
    name.endsWith(suffix) ? [[name.slice(0, -suffix.length), stanza] as const] : [],
  )
  const own = Object.entries(compilers).flatMap(([name, twin]) => {
    const stanza = index.get(twin)
    return stanza ? [[name, stanza] as const] : []
  })
  return new Map([...libraries, ...own])
}

/** A cross compiler for the target, under names that the target's own compiler has there. */
const isForeignToolchain = (name: string, names: LayoutNames) =>
  name.endsWith(crossSuffix(names)) || name.endsWith(`-${names.target.triple.replaceAll('_', '-')}`)

const targetName = (stanza: Stanza, names: LayoutNames) =>
  fieldOf(stanza, 'Architecture') === 'all' ? fieldOf(stanza, 'Package') : retarget(fieldOf(stanza, 'Package'), names)

function kindOfStanza(
  stanza: Stanza,
  holdings: ReadonlyMap<string, Holdings>,
  {lists, compilers, names}: StubIndexRules,
  index: ReadonlyMap<string, Stanza>,
): StubKind {
  const name = fieldOf(stanza, 'Package')
  const twin = compilers[retarget(name, names)]
  if (twin !== undefined && !index.has(twin)) return {kind: 'refused', why: `there is no ${twin}, which would be its twin`}
  const [architecture, multiArch] = [fieldOf(stanza, 'Architecture'), fieldOf(stanza, 'Multi-Arch')]
  return kindOf({name, architecture, multiArch, holds: holdings.get(name) ?? HOLDS_NOTHING}, lists)
}

/** Names that nothing answers to until it is built: packages, and what they alone provide. `kinds` by names in the target. */
export function goneNames(
  stanzas: readonly Stanza[],
  kinds: ReadonlyMap<string, StubKind>,
  given: ReadonlyMap<string, unknown>,
  names: LayoutNames,
): Set<string> {
  const [gone, there] = [new Set<string>(), new Set<string>(given.keys())]
  for (const stanza of stanzas) {
    const name = targetName(stanza, names)
    const kind = kinds.get(name)?.kind
    const isThere = given.has(name) || kind === 'for-all' || kind === 'tool'
    const provided = retarget(fieldOf(stanza, 'Provides'), names).split(',').map(relatedName)
    for (const one of [name, ...provided]) if (one !== '') (isThere ? there : gone).add(one)
  }
  for (const name of there) gone.delete(name)
  return gone
}

const relatedName = (relation: string) => /^\s*([^\s:(]+)/.exec(relation)?.[1] ?? ''

/** What is known of the archive, by the names that packages have in the target. */
interface Known {
  stanzas: ReadonlyMap<string, Stanza>
  kinds: ReadonlyMap<string, StubKind>
  given: ReadonlyMap<string, Stanza>
  changes: DatabaseChanges
  replaced: ReadonlyMap<string, string>
}

function entryOf(stanza: Stanza, known: Known, rules: StubIndexRules): StubEntry | undefined {
  const {kinds, given, changes, replaced} = known
  const name = targetName(stanza, rules.names)
  const kind = kinds.get(name)
  if (kind?.kind === 'for-all') return makeEntry('as-is', name, stanza, controlOf(stanza))
  const named = controlOf(stanza).map(([field, value]): Field => [field, retarget(value, rules.names)])
  const own = retargetStanza(named, changes, replaced)
  const cross = given.get(name)
  if (cross && !(name in rules.compilers)) return makeEntry('given', name, cross, own)
  return kind?.kind === 'tool'
    ? makeEntry('stub', name, stanza, [...withBrought(own, stanza, known, rules), [STUB_FIELD, 'yes']])
    : undefined
}

/** A stub's fields, with what the libraries that it does without would have brought beside libraries: data, and tools. */
function withBrought(fields: readonly Field[], stanza: Stanza, known: Known, rules: StubIndexRules): Field[] {
  const depends = fieldOf(fields, 'Depends')
  const there = new Set(depends.split(',').map(relatedName))
  const brought = [...broughtByLibraries(stanza, known, rules)].filter(name => !there.has(name))
  if (brought.length === 0) return [...fields]
  const value = [depends, ...brought].filter(Boolean).join(', ')
  return [...fields.filter(([name]) => name !== 'Depends'), ['Depends', value]]
}

/**
 * As `file` gets its data by its library (libmagic1, libmagic-mgc). What needs a library itself is not among them: it would have to
 * wait for that.
 */
function broughtByLibraries(stanza: Stanza, {stanzas, kinds, changes}: Known, {names}: StubIndexRules): Set<string> {
  const groupsOf = (one: Stanza) =>
    ['Pre-Depends', 'Depends']
      .flatMap(field => retarget(fieldOf(one, field), names).split(','))
      .map(group => group.split('|').map(relatedName).filter(Boolean))
  const isGone = (group: readonly string[]) => group.length > 0 && group.every(name => changes.gone.has(name))
  const [brought, open] = [new Set<string>(), new Set<string>()]
  const follow = (one: Stanza) => {
    for (const [name = ''] of groupsOf(one).filter(isGone)) open.add(name)
  }
  follow(stanza)
  for (const library of open) {
    const one = stanzas.get(library)
    if (!one) continue
    follow(one)
    for (const [name = ''] of groupsOf(one)) {
      const other = stanzas.get(name)
      const kind = kinds.get(name)?.kind
      if (other && (kind === 'tool' || (kind === 'for-all' && !groupsOf(other).some(isGone)))) brought.add(name)
    }
  }
  return brought
}

const controlOf = (stanza: Stanza): Field[] => stanza.filter(([name]) => CONTROL.includes(name))

/** The control fields of a library that the host does not have: its names are those of the cross compiler's packages. */
function withoutCross(stanza: Stanza, name: string, {names}: StubIndexRules): Field[] {
  const suffix = crossSuffix(names)
  return controlOf(stanza).flatMap(([field, value]): Field[] => {
    if (field === 'Package') return [[field, name]]
    if (field === 'Version') return [[field, crossSourceVersion(value)]]
    if (field === 'Architecture')
      return [
        [field, names.target.architecture],
        ['Multi-Arch', 'same'],
      ]
    if (field === 'Multi-Arch' || field === 'Provides') return []
    return [[field, value.replaceAll(suffix, '').replace(/\bcross\d+(?=\))/g, '')]]
  })
}

const makeEntry = (make: StubEntry['make'], name: string, from: Stanza, control: readonly Field[]): StubEntry => ({
  name,
  version: fieldOf(control, 'Version'),
  make,
  from: {
    site: fieldOf(from, SITE),
    file: fieldOf(from, 'Filename'),
    sha256: fieldOf(from, 'SHA256'),
    size: Number(fieldOf(from, 'Size')),
  },
  control: printStanza(control),
})
