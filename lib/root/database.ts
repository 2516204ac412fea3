import {type LayoutNames, retarget} from './layout-rules.js'

/** What of dpkg's database changes, beside the names. Packages are called as the target calls them. */
export interface DatabaseChanges {
  names: LayoutNames
  /** Packages that the target has in a version of its own: from those of the cross compiler. */
  versions: ReadonlyMap<string, string>
  /** Packages that it does not have at all. */
  gone: ReadonlySet<string>
}

export type Field = readonly [name: string, value: string]

/** man 7 deb-control: the fields that name other packages. */
const RELATIONS = new Set(['Depends', 'Pre-Depends', 'Recommends', 'Suggests', 'Breaks', 'Conflicts', 'Replaces', 'Enhances', 'Provides'])

/** dpkg's status file of the host's root, as the target's would be. */
export function retargetStatus(status: string, changes: DatabaseChanges): string {
  const stanzas = status
    .split('\n\n')
    .map(parseStanza)
    .filter(fields => fields.length > 0)
  const renamed = stanzas.map(fields => fields.map(([name, value]): Field => [name, retarget(value, changes.names)]))
  const kept = renamed.filter(fields => !changes.gone.has(fieldOf(fields, 'Package')))
  const replaced = replacedVersions(kept, changes.versions)
  const there = new Set(kept.map(fields => fieldOf(fields, 'Package')))
  const texts = kept.map(fields => printStanza(retargetStanza(fields, changes, replaced)))
  const added = [...changes.versions].filter(([name]) => !there.has(name)).map(([name, version]) => addedStanza(name, version, changes))
  return [...texts, ...added].map(text => `${text}\n`).join('\n')
}

/** The old version of each package that has another now. */
function replacedVersions(stanzas: readonly (readonly Field[])[], versions: ReadonlyMap<string, string>): Map<string, string> {
  const names = stanzas.map(fields => fieldOf(fields, 'Package')).filter(name => versions.has(name))
  return new Map(names.map(name => [name, fieldOf(stanzas.find(fields => fieldOf(fields, 'Package') === name) ?? [], 'Version')]))
}

/** A stanza with the target's names already, without what the target does not have. `replaced`: the old version of each package that has another. */
export const retargetStanza = (fields: readonly Field[], changes: DatabaseChanges, replaced: ReadonlyMap<string, string>): Field[] =>
  fields.flatMap(field => retargetField(field, fields, changes, replaced))

function retargetField(
  [name, value]: Field,
  stanza: readonly Field[],
  {names, versions, gone}: DatabaseChanges,
  replaced: ReadonlyMap<string, string>,
): Field[] {
  const own = versions.get(fieldOf(stanza, 'Package'))
  if (name === 'Version') return [[name, own ?? value]]
  if (name === 'Source') return [[name, own === undefined ? value : value.replace(/ \(.*\)$/, '')]]
  if (name === 'Architecture') return [[name, value === names.host.debian ? names.target.architecture : value]]
  if (!RELATIONS.has(name)) return [[name, value]]
  const kept = value
    .split(/,\s*/)
    .map(group => group.split(/\s*\|\s*/).filter(relation => !gone.has(relatedPackage(relation))))
    .filter(group => group.length > 0)
    .map(group => group.map(relation => retargetRelation(relation, versions, replaced)).join(' | '))
  return kept.length > 0 ? [[name, kept.join(', ')]] : []
}

const relatedPackage = (relation: string) => /^[^\s:(]+/.exec(relation)?.[0] ?? ''

/** `name (= version)` of a package that has another version now. A bound (`>=`) of a stable update goes with it. */
function retargetRelation(relation: string, versions: ReadonlyMap<string, string>, replaced: ReadonlyMap<string, string>): string {
  const version = versions.get(relatedPackage(relation))
  const old = replaced.get(relatedPackage(relation))
  if (version === undefined || old === undefined) return relation
  return relation.replace(/\((=|>=|<=) ([^)]+)\)/, (whole, operator: string, wanted: string) =>
    wanted === old ? `(${operator} ${version})` : whole,
  )
}

const addedStanza = (name: string, version: string, {names}: DatabaseChanges) =>
  printStanza([
    ['Package', name],
    ['Status', 'install ok installed'],
    ['Maintainer', 'nobody'],
    ['Architecture', names.target.architecture],
    ['Multi-Arch', 'same'],
    ['Version', version],
    ['Description', 'laid out from the package of the cross compiler'],
  ])

/** Continued lines stay part of the value. */
export function parseStanza(text: string): Field[] {
  const fields: [string, string][] = []
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Za-z][\w-]*):\s?(.*)$/.exec(line) ?? []
    const last = fields.at(-1)
    if (name !== undefined) fields.push([name, value ?? ''])
    else if (last && line !== '') last[1] += `\n${line}`
  }
  return fields
}

export const fieldOf = (fields: readonly Field[], name: string) => fields.find(([field]) => field === name)?.[1] ?? ''

export const printStanza = (fields: readonly Field[]) => fields.map(([name, value]) => `${name}: ${value}`).join('\n')

/** A file of dpkg's info directory: `NAME.KIND`, or `NAME:ARCHITECTURE.KIND` where `Multi-Arch: same`. */
export interface InfoName {
  package: string
  architecture: string | undefined
  kind: string
}

export function parseInfoName(file: string): InfoName | undefined {
  const [, name, architecture, kind] = /^([a-z0-9][a-z0-9+.-]*?)(?::([a-z0-9]+))?\.([a-z0-9]+)$/.exec(file) ?? []
  return name === undefined || kind === undefined ? undefined : {package: name, architecture, kind}
}

/** The same file in the target's root; undefined where its package is gone. `format` is dpkg's own, of the directory. */
export function retargetInfoName(file: string, {names, gone}: Pick<DatabaseChanges, 'names' | 'gone'>): string | undefined {
  const parsed = parseInfoName(file)
  if (!parsed) return file
  const name = retarget(parsed.package, names)
  if (gone.has(name)) return undefined
  const suffix =
    parsed.architecture === undefined
      ? ''
      : `:${parsed.architecture === names.host.debian ? names.target.architecture : parsed.architecture}`
  return `${name}${suffix}.${parsed.kind}`
}
