import type {ArArchive} from '../debian/ar.js'
import type {TarEntry} from '../debian/tar.js'
import {parseImage} from '../elf/sections.js'
import {compareBytes, describeBytes} from './bytes.js'
import {type CompareRules, type Difference, different, onlyIn} from './difference.js'
import {compareElf} from './elf.js'
import type {Leaf} from './leaks.js'
import {withoutRunLog} from './run-log.js'

export type PackedFormat = 'gzip' | 'xz' | 'bzip2' | 'zstd' | 'tar' | 'ar' | 'thin ar'

/** What a file holds: bytes, or for archives and compressed files what they are made of. */
export type Content = PlainContent | PackedContent

export interface PlainContent {
  kind: 'plain'
  bytes: Buffer
  /** The compressed sections of an ELF file, unpacked. */
  sections?: readonly Leaf[]
}

export interface PackedContent {
  kind: 'packed'
  format: PackedFormat
  bytes: Buffer
  /** What the container says of itself. */
  attributes: string
  members: readonly Member[]
}

export interface Member {
  name: string
  attributes: string
  /** undefined: the archive holds only its name and size, and it lies elsewhere in the tree. */
  content: Content | undefined
  size: number
}

/** By its first bytes: the magic numbers of RFC 1952, the xz and zstd formats, bzip2, ar(5) and tar(5). */
export function packedFormat(bytes: Buffer): PackedFormat | undefined {
  const starts = (hex: string) => bytes.subarray(0, hex.length / 2).toString('hex') === hex
  if (starts('1f8b08')) return 'gzip'
  if (starts('fd377a585a00')) return 'xz'
  if (starts('425a68')) return 'bzip2'
  if (starts('28b52ffd')) return 'zstd'
  if (bytes.subarray(257, 262).toString('latin1') === 'ustar') return 'tar'
  const magic = bytes.subarray(0, 8).toString('latin1')
  if (magic === '!<arch>\n') return 'ar'
  return magic === '!<thin>\n' ? 'thin ar' : undefined
}

/** Two members of one name are told apart by a number. */
export function numbered(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  return names.map(name => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  })
}

export function tarMembers(entries: readonly TarEntry[]): Omit<Member, 'content'>[] {
  const names = numbered(entries.map(entry => entry.name))
  return entries.map(({attributes, content}, i) => ({name: names[i] as string, attributes, size: content.length}))
}

export function arMembers(archive: ArArchive): Omit<Member, 'content'>[] {
  const names = numbered(archive.members.map(member => member.name))
  return archive.members.map(({attributes, size}, i) => ({name: names[i] as string, attributes, size}))
}

/** Compares what two files of a name hold, as deep as it is known what they hold. */
export function compareContent(name: string, one: Content, other: Content, rules: CompareRules): Difference[] {
  if (one.bytes.equals(other.bytes)) return []
  if (one.kind === 'packed' && other.kind === 'packed' && one.format === other.format) return comparePacked(one, other, rules)
  const [image, otherImage] = [parseImage(one.bytes), parseImage(other.bytes)]
  if (image && otherImage) {
    const found = compareElf(image, otherImage, rules)
    return found.length > 0 ? found : [different('headers', 'the same sections, otherwise placed')]
  }
  return withoutRunLog(name, one.bytes, other.bytes, compareBytes)
}

const inside = (place: string, found: Difference): Difference => ({...found, place: `${place}: ${found.place}`})

function comparePacked(one: PackedContent, other: PackedContent, rules: CompareRules): Difference[] {
  const ones = new Map(one.members.map(member => [rules.rename(member.name), member]))
  const others = new Map(other.members.map(member => [member.name, member]))
  const found = [
    ...compareBytes(Buffer.from(one.attributes), Buffer.from(other.attributes)).map(found => inside(`${one.format} header`, found)),
    ...[...ones.keys()].filter(name => !others.has(name)).map(name => onlyIn('hybrid', `member ${name}`, name, rules)),
    ...[...others.keys()].filter(name => !ones.has(name)).map(name => onlyIn('emulated', `member ${name}`, name, rules)),
    ...(sameOrder(ones, others) ? [] : [different('order of the members', 'is another')]),
    ...[...ones].flatMap(([name, member]) => compareMember(member, others.get(name), rules)),
  ]
  return found.length > 0 ? found : [different('packing', `the same members, packed otherwise: ${describeBytes(one.bytes, other.bytes)}`)]
}

/** Of the members that both have under the same name: where build ids are part of the names, these are sorted otherwise. */
function sameOrder(ones: ReadonlyMap<string, Member>, others: ReadonlyMap<string, Member>): boolean {
  const names = [...ones].flatMap(([name, member]) => (name === member.name && others.has(name) ? [name] : []))
  const inOther = [...others.keys()].filter(name => ones.get(name)?.name === name)
  return names.every((name, i) => name === inOther[i])
}

function compareMember(one: Member, other: Member | undefined, rules: CompareRules): Difference[] {
  if (!other) return []
  const attributes =
    one.attributes === other.attributes ? [] : [different(`${one.name}: header`, `${one.attributes} and ${other.attributes}`)]
  if (one.content && other.content) {
    return [...attributes, ...compareContent(one.name, one.content, other.content, rules).map(found => inside(one.name, found))]
  }
  if (one.size === other.size) return attributes
  return [...attributes, different(`${one.name}: size`, `${one.size} and ${other.size} bytes`, 'elsewhere')]
}

/** A content, and all that is packed in it, however deep, packed or not: each with its place. */
export function parts(content: Content, place = ''): Leaf[] {
  const at = (name: string) => (place === '' ? name : `${place}: ${name}`)
  const below = content.kind === 'packed' ? content.members.flatMap(({name, content: held}) => (held ? parts(held, at(name)) : [])) : []
  return [{place, bytes: content.bytes}, ...below]
}

/** What is packed in a content, or the content itself where it is not packed, each with its place. */
export function leaves(content: Content, place = ''): Leaf[] {
  const at = (name: string) => (place === '' ? name : `${place}: ${name}`)
  if (content.kind === 'packed') return content.members.flatMap(({name, content: held}) => (held ? leaves(held, at(name)) : []))
  return [{place, bytes: content.bytes}, ...(content.sections ?? []).map(section => ({...section, place: at(section.place)}))]
}
