import type {IndexedBinary} from '../debian/binary-index.js'
import type {IndexedSource} from '../debian/source-index.js'
import type {StubKind} from '../stubs/kind.js'
import type {Blocked} from './blocked.js'
import {Installer} from './needs.js'

/** What a CPU without an archive begins with. */
export interface Beginning {
  architecture: string
  /** By the names that the host's packages have: what they are for the target. */
  kindOf: (name: string) => StubKind | undefined
  /** Whether it is there: the cross compiler has brought it, or somebody has built it. */
  isGiven: (name: string) => boolean
}

/** An archive, by its indices. */
export interface ArchiveIndex {
  /** Those that have packages for the target. */
  sources: readonly IndexedSource[]
  /** Of the host's architecture, by their names. */
  binaries: ReadonlyMap<string, IndexedBinary>
}

export type Found = {kind: 'needs'; needs: ReadonlySet<string>} | {kind: 'blocked'; why: Blocked}

/** Which sources a source needs to be built first. */
export class NeedFinder {
  readonly #sources: ReadonlyMap<string, IndexedSource>
  readonly #installer: Installer
  readonly #kindOf: Beginning['kindOf']
  /** Build profiles of the build that is looked at. */
  #profiles: readonly string[] = []
  readonly #tools = new Map<string, readonly string[]>()

  constructor({sources, binaries}: ArchiveIndex, {architecture, kindOf, isGiven}: Beginning) {
    this.#sources = new Map(sources.map(source => [source.name, source]))
    this.#kindOf = kindOf
    const isHad = ({name, source}: IndexedBinary) => isGiven(name) || kindOf(name)?.kind !== 'library' || this.#sources.has(source)
    this.#installer = new Installer(new Map([...binaries].filter(([, binary]) => isHad(binary))), {
      architecture,
      profiles: () => this.#profiles,
      role: (binary, by) => {
        if (isGiven(binary.name)) return 'given'
        const kind = kindOf(binary.name)?.kind
        if (kind === 'for-all' || kind === 'tool') return 'there'
        return by !== undefined && kindOf(by.name)?.kind === 'tool' ? 'left-out' : 'built'
      },
    })
  }

  find(name: string, profiles: readonly string[]): Found {
    const source = this.#sources.get(name)
    if (!source) return {kind: 'blocked', why: {kind: 'not-for-target', source: name}}
    this.#profiles = profiles
    const {sources, binaries, lacking} = this.#installer.of(source)
    const [missing] = lacking
    if (missing !== undefined) return {kind: 'blocked', why: {kind: 'lacking', relation: missing}}
    for (const name of binaries) {
      const kind = this.#kindOf(name)
      if (kind?.kind === 'refused') return {kind: 'blocked', why: {kind: 'refused', package: name, why: kind.why}}
    }
    const tools = [...binaries].filter(binary => this.#kindOf(binary)?.kind === 'tool')
    this.#tools.set(name, tools)
    return {kind: 'needs', needs: sources}
  }

  /** Tools that the builds of sources have installed, as they were last looked at. */
  toolsOf = (names: Iterable<string>): Set<string> => new Set([...names].flatMap(name => this.#tools.get(name) ?? []))

  /** Build profiles with which a source needs less. */
  lessening(name: string): Set<string> {
    const lists = this.#sources.get(name)?.relations.match(/<[^>]*>/g) ?? []
    return new Set(lists.flatMap(list => [...list.matchAll(/!([^\s>]+)/g)].flatMap(([, word]) => word ?? [])))
  }
}
