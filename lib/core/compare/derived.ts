import {createHash} from 'node:crypto'
import {buildId, parseImage} from '../elf/sections.js'
import type {Difference} from './difference.js'

/**
 * What other files may say of files that differ between two builds: lists of checksums, control files of packages. It
 * differs as well, and follows from a difference that is judged by itself.
 */
export class Derived {
  /** Hashes and build ids of the first build's files, and the second's in their place. */
  readonly #hashes = new Map<string, string>()
  readonly #sizes = new Set<string>()

  /** Two files, or members of archives, that differ. */
  add(one: Buffer, other: Buffer): void {
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) this.#hashes.set(hash(algorithm, one), hash(algorithm, other))
    this.#sizes.add(`${one.length} ${other.length}`)
    this.addBuildIds(one, other)
  }

  addBuildIds(one: Buffer, other: Buffer): void {
    const [image, otherImage] = [parseImage(one), parseImage(other)]
    const [id, otherId] = [image && buildId(image), otherImage && buildId(otherImage)]
    if (id === undefined || otherId === undefined) return
    this.#hashes.set(id, otherId)
    this.#hashes.set(asPath(id), asPath(otherId))
  }

  /** A name of the first build's, as the second has it: debug files are named by build ids. */
  rename = (name: string): string => name.replace(BUILD_ID_PATH, part => this.#hashes.get(part) ?? part)

  /** A line of the first build's, with the second's hashes in place of its own. */
  translate = (line: string): string => this.rename(line).replace(HASH, part => this.#hashes.get(part) ?? part)

  /** Whether a line differs by known hashes alone, and by sizes on a line that has such a hash. */
  explains(lines: {hybrid: string; emulated: string}): boolean {
    const translated = this.translate(lines.hybrid)
    if (translated === lines.emulated) return true
    if (translated === lines.hybrid) return false
    if (inOrder(translated) === inOrder(lines.emulated)) return true
    const [words, others] = [translated.split(/(\d+)/), lines.emulated.split(/(\d+)/)]
    return words.length === others.length && words.every((word, i) => word === others[i] || this.#sizes.has(`${word} ${others[i]}`))
  }
}

const hash = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex')

/** As below /usr/lib/debug/.build-id: two digits, a slash, the others. */
const asPath = (id: string) => `${id.slice(0, 2)}/${id.slice(2)}`
const BUILD_ID_PATH = /(?<=\.build-id\/)[0-9a-f]{2}\/[0-9a-f]{14,38}/g
const HASH = /(?<![0-9a-f])[0-9a-f]{32,128}(?![0-9a-f])/g

/** `Build-Ids` of a package of debug symbols are sorted, and other ids have another order (debhelper, dh_strip). */
const ROW = /(?<![0-9a-f])[0-9a-f]{32,128}(?: [0-9a-f]{32,128})+(?![0-9a-f])/g
const inOrder = (line: string) => line.replace(ROW, row => row.split(' ').sort().join(' '))

/** States the cause of what follows from other differences. */
export function explainDerived(found: readonly Difference[], derived: Derived): Difference[] {
  const sorted = sortedOtherwise(found, derived)
  const follows = (difference: Difference) =>
    difference.cause === 'none' && difference.lines && (derived.explains(difference.lines) || sorted.has(difference))
  return found.map(difference => (follows(difference) ? {...difference, cause: 'checksum'} : difference))
}

/** Lines that all have a hash or a build id's name, and are the same as a whole: they were sorted by these. */
function sortedOtherwise(found: readonly Difference[], derived: Derived): Set<Difference> {
  const texts = new Map<string, Difference[]>()
  for (const difference of found) {
    if (difference.cause !== 'none' || !difference.lines) continue
    const text = difference.place.replace(/\d+$/, '')
    texts.set(text, [...(texts.get(text) ?? []), difference])
  }
  return new Set(
    [...texts.values()].flatMap(group => {
      const pairs = group.flatMap(({lines}) => (lines ? [lines] : []))
      const translated = pairs.map(({hybrid}) => derived.translate(hybrid))
      const all = translated.every((line, i) => line !== pairs[i]?.hybrid)
      return all &&
        translated.sort().join('\n') ===
          pairs
            .map(({emulated}) => emulated)
            .sort()
            .join('\n')
        ? group
        : []
    }),
  )
}
