import {createHash} from 'node:crypto'
import {type IndexedSource, isBuiltFor} from '../debian/source-index.js'
import {nearest} from '../nearest.js'
import type {LeftOut} from './plan.js'

/** Which packages of an archive are meant. */
export interface Selection {
  names: readonly string[]
  sections: readonly string[]
  all: boolean
  sample: {count: number; seed: string} | undefined
  /** Bytes of a source's files, of what is not named. */
  largest: number | undefined
}

export interface Selected {
  packages: IndexedSource[]
  left: LeftOut[]
}

/** What is not named is chosen among what has packages for the architecture. A name that is none leaves the others as they are. */
export function selectSources(index: readonly IndexedSource[], wanted: Selection, architecture: string): Selected {
  const chosen = new Map<string, IndexedSource>()
  const candidates = index.filter(({architectures, size}) => isBuiltFor(architectures, architecture) && size <= (wanted.largest ?? size))
  const inSections = candidates.filter(({sections}) => wanted.sections.some(one => sections.some(section => isInSection(section, one))))
  const among = wanted.sections.length > 0 ? inSections : candidates
  if (wanted.all || (wanted.sections.length > 0 && !wanted.sample)) for (const one of among) chosen.set(one.name, one)
  if (wanted.sample) for (const one of drawSample(among, wanted.sample.count, wanted.sample.seed)) chosen.set(one.name, one)
  const {packages, left} = findNamed(index, wanted.names, architecture)
  for (const one of packages) chosen.set(one.name, one)
  return {packages: [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), left}
}

/** `libs` is also `contrib/libs`, and `contrib` all of that. Debian Policy 2.4 */
const isInSection = (section: string, wanted: string) => section === wanted || section.split('/').includes(wanted)

/** The same for the same seed, whatever else the archive has: each source draws its own number. */
export function drawSample(sources: readonly IndexedSource[], count: number, seed: string): IndexedSource[] {
  return byDraw(sources, ({name}) => name, seed).slice(0, count)
}

function byDraw<T>(all: readonly T[], nameOf: (one: T) => string, seed: string): T[] {
  const numbered = all.map(one => ({
    one,
    number: createHash('sha256')
      .update(`${seed}\n${nameOf(one)}`)
      .digest('hex'),
  }))
  return numbered.sort((a, b) => (a.number < b.number ? -1 : 1)).map(({one}) => one)
}

/** What of a set is built emulated, too: a share of it, and what is named. */
export interface VerifyWish {
  /** 0 to 1. */
  share: number
  names: readonly string[]
  seed: string
}

/** A name that the set lacks is nobody's. */
export function chooseVerified(names: readonly string[], {share, names: named, seed}: VerifyWish): ReadonlySet<string> {
  const drawn = byDraw(names, name => name, seed).slice(0, Math.ceil(names.length * share))
  return new Set([...drawn, ...named.filter(name => names.includes(name))])
}

function findNamed(index: readonly IndexedSource[], names: readonly string[], architecture: string): Selected {
  const byName = new Map(index.map(source => [source.name, source]))
  const result: Selected = {packages: [], left: []}
  let all: string[] | undefined
  for (const word of new Set(names)) {
    const [name = '', version] = word.split('=')
    const source = byName.get(name)
    if (!source) {
      all ??= [...byName.keys()]
      const near = nearest(name, all)
      result.left.push({word, why: 'the archives have no such source package', ...(near === undefined ? {} : {nearest: near})})
    } else if (!isBuiltFor(source.architectures, architecture)) {
      result.left.push({word, why: `it has no packages for ${architecture}, only for ${source.architectures.join(', ')}`})
    } else result.packages.push(version === undefined ? source : {...source, version})
  }
  return result
}
