import {orderVersions} from './packages.js'
import {matchesArchitecture} from './source-index.js'

/** What a package needs, or one of its alternatives. Debian Policy 7.1, https://wiki.debian.org/BuildProfileSpec */
export interface Relation {
  name: string
  version: {operator: Operator; version: string} | undefined
  /** `:any`, `:native`, or an architecture. */
  qualifier: string | undefined
  /** What it is needed for: architectures, or all but those with `!`; none: all. */
  architectures: readonly string[]
  /** Of each list one word at least has to fail, or it is not needed; none: always. */
  profiles: readonly (readonly string[])[]
}

type Operator = '<<' | '<=' | '=' | '>=' | '>>'

/** Alternatives, of which one is enough. */
export type Alternatives = readonly Relation[]

const RELATION =
  /^([a-z0-9][a-z0-9+.-]+)(?::([a-z0-9-]+))?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?\s*(?:\[([^\]]*)\])?\s*((?:<[^>]*>\s*)*)$/

/** `<` and `>` are what `<=` and `>=` were called once: Debian Policy 7.1. */
const OPERATORS: Readonly<Record<string, Operator>> = {'<': '<=', '>': '>=', '<<': '<<', '<=': '<=', '=': '=', '>=': '>=', '>>': '>>'}

/** A field such as Build-Depends. What cannot be read is left out. */
export function parseRelations(field: string): Alternatives[] {
  return field.split(',').flatMap(group => {
    const relations = group.split('|').flatMap(part => parseRelation(part.trim()))
    return relations.length > 0 ? [relations] : []
  })
}

function parseRelation(text: string): Relation[] {
  const [, name, qualifier, sign, version = '', architectures = '', profiles = ''] = RELATION.exec(text) ?? []
  if (name === undefined) return []
  const operator = sign === undefined ? undefined : OPERATORS[sign]
  return [
    {
      name,
      qualifier,
      version: operator && {operator, version},
      architectures: words(architectures),
      profiles: [...profiles.matchAll(/<([^>]*)>/g)].map(([, list = '']) => words(list)),
    },
  ]
}

const words = (text: string) => text.split(/\s+/).filter(Boolean)

/** What counts in a build of these profiles for an architecture. */
export function relationsFor(groups: readonly Alternatives[], architecture: string, profiles: readonly string[]): Alternatives[] {
  return groups.flatMap(group => {
    const left = group.filter(relation => isForArchitecture(relation, architecture) && isForProfiles(relation, profiles))
    return left.length > 0 ? [left] : []
  })
}

function isForArchitecture({architectures}: Relation, architecture: string): boolean {
  if (architectures.length === 0) return true
  const isNamed = architectures.some(one => matchesArchitecture(one.replace(/^!/, ''), architecture))
  return architectures[0]?.startsWith('!') ? !isNamed : isNamed
}

/** Of each list all words hold: then it is needed. https://wiki.debian.org/BuildProfileSpec, "restriction formula" */
const isForProfiles = ({profiles: lists}: Relation, profiles: readonly string[]) =>
  lists.length === 0 ||
  lists.some(list => list.every(word => (word.startsWith('!') ? !profiles.includes(word.slice(1)) : profiles.includes(word))))

/** Whether a version is one that is wanted. */
export function satisfies(version: string, wanted: Relation['version']): boolean {
  if (!wanted) return true
  const order = orderVersions(version, wanted.version)
  switch (wanted.operator) {
    case '<<':
      return order < 0
    case '<=':
      return order <= 0
    case '=':
      return order === 0
    case '>=':
      return order >= 0
    case '>>':
      return order > 0
  }
}
