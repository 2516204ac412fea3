import type {IndexedBinary} from '../debian/binary-index.js'
import {type Alternatives, parseRelations, type Relation, relationsFor, satisfies} from '../debian/relations.js'
import type {IndexedSource} from '../debian/source-index.js'
import type {Needs} from './graph.js'

/**
 * What becomes of a package that a build has installed. `built`: it comes of its source's build. `there`: it is there from
 * elsewhere; what it depends on is installed with it. `given`: it is there, with all that it depends on. `left-out`: it is not
 * installed, for whatever reason.
 */
export type Role = 'built' | 'there' | 'given' | 'left-out'

export interface NeedRules {
  architecture: string
  /** Of a source's build: https://wiki.debian.org/BuildProfileSpec */
  profiles: (source: IndexedSource) => readonly string[]
  /** `by`: what depends on it; undefined: the build itself. */
  role: (binary: IndexedBinary, by: IndexedBinary | undefined) => Role
}

/** What the build of a source has installed. */
export interface Installed {
  /** Sources whose builds it comes from. */
  sources: Set<string>
  /** The names of all packages. */
  binaries: Set<string>
  /** What no package satisfies, as it is written. */
  lacking: string[]
}

/** What builds have installed, by an archive's index: their dependencies, and what these depend on. */
export class Installer {
  readonly #binaries: ReadonlyMap<string, IndexedBinary>
  readonly #providers = new Map<string, {binary: IndexedBinary; version: string | undefined}[]>()
  readonly #children = new Map<IndexedBinary, readonly IndexedBinary[]>()
  readonly #rules: NeedRules

  constructor(binaries: ReadonlyMap<string, IndexedBinary>, rules: NeedRules) {
    this.#binaries = binaries
    this.#rules = rules
    for (const binary of binaries.values()) {
      for (const [provided] of binary.provides === '' ? [] : parseRelations(binary.provides)) {
        if (!provided) continue
        const all = this.#providers.get(provided.name) ?? []
        all.push({binary, version: provided.version?.version})
        this.#providers.set(provided.name, all)
      }
    }
  }

  /** What a build of a source has installed. */
  of(source: IndexedSource): Installed {
    return this.ofAll([source])
  }

  /** What builds of several have installed, together. */
  ofAll(sources: readonly IndexedSource[]): Installed {
    const installed: Installed = {sources: new Set(), binaries: new Set(), lacking: []}
    for (const source of sources) this.#add(source, installed)
    return installed
  }

  #add(source: IndexedSource, installed: Installed): void {
    const {architecture, profiles} = this.#rules
    const groups = relationsFor(parseRelations(source.relations), architecture, profiles(source))
    for (const group of groups) {
      const binary = this.find(group)
      if (binary) this.#install(binary, installed)
      else installed.lacking.push(group.map(describe).join(' | '))
    }
  }

  /** The package that satisfies one of these; of alternatives the first that is there, as builders take them. */
  find(group: Alternatives): IndexedBinary | undefined {
    for (const relation of group) {
      const binary = this.#findOne(relation)
      if (binary) return binary
    }
    return undefined
  }

  #findOne({name, version}: Relation): IndexedBinary | undefined {
    const own = this.#binaries.get(name)
    if (own && satisfies(own.version, version)) return own
    // Debian Policy 7.5: what is provided without a version satisfies no relation that has one.
    return this.#providers.get(name)?.find(one => !version || (one.version !== undefined && satisfies(one.version, version)))?.binary
  }

  #install(first: IndexedBinary, {sources, binaries}: Installed): void {
    const open: [IndexedBinary, IndexedBinary | undefined][] = [[first, undefined]]
    for (let next = open.pop(); next; next = open.pop()) {
      const [binary, by] = next
      if (binaries.has(binary.name)) continue
      const role = this.#rules.role(binary, by)
      if (role === 'left-out') continue
      binaries.add(binary.name)
      if (role === 'built') sources.add(binary.source)
      if (role !== 'given') for (const child of this.#childrenOf(binary)) open.push([child, binary])
    }
  }

  #childrenOf(binary: IndexedBinary): readonly IndexedBinary[] {
    const known = this.#children.get(binary)
    if (known) return known
    const found = parseRelations(binary.relations).flatMap(group => this.find(group) ?? [])
    this.#children.set(binary, found)
    return found
  }
}

const describe = ({name, version}: Relation) => (version ? `${name} (${version.operator} ${version.version})` : name)

/** Which of these sources each of them needs; itself is none of them. */
export function needsOf(sources: readonly IndexedSource[], installer: Installer): Needs {
  const names = new Set(sources.map(({name}) => name))
  return new Map(
    sources.map(source => {
      const own = [...installer.of(source).sources].filter(name => names.has(name) && name !== source.name)
      return [source.name, new Set(own)] as const
    }),
  )
}
