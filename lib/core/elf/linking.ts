import {programHeaders, type Segment} from './image.js'
import {NotAsExpected} from './not-as-expected.js'

/** Numbers of the System V ABI, chapters 4 and 5, and <elf.h>, for files of 64 bits, little-endian. */
const ET_EXEC = 2
const ET_DYN = 3
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NULL = 0
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_STRSZ = 10
const DT_RPATH = 15
const DT_RUNPATH = 29
const DT_FLAGS_1 = 0x6ffffffb
const DF_1_PIE = 0x08000000
const ENTRY_SIZE = 16

/** A part of a file, in bytes. */
export interface Range {
  start: number
  end: number
}

/** What a program or library says of the libraries that it needs. */
export interface Linking {
  /** A `static` program needs none; what is neither is not told apart from a library. */
  kind: 'program' | 'static' | 'library'
  needed: readonly string[]
  /** The directories where these are looked for first, as they are written there: DT_RUNPATH, or else DT_RPATH. */
  searched: readonly string[]
  /** Where what lies in memory has its texts: without the table of names, which is for linking alone. */
  loaded: readonly Range[]
}

interface Entry {
  /** Where it lies in the file. */
  at: number
  tag: number
  value: number
}

/** undefined where the bytes are no program or library of 64 bits, little-endian, or end before what they promise. */
export function readLinking(bytes: Buffer): Linking | undefined {
  try {
    return readWhole(bytes)
  } catch (error) {
    if (error instanceof RangeError) return undefined // it ends too early
    throw error
  }
}

/** Makes a file look for no library in directories of its own: the text that lies first among the names is empty. */
export function dropSearched(bytes: Buffer): void {
  for (const {at, tag} of dynamicEntries(bytes, programHeaders(bytes))) {
    if (isSearched(tag)) bytes.writeBigUInt64LE(0n, at + 8)
  }
}

/** Makes a file look for libraries in this directory first, and in no other of its own. Throws NotAsExpected where there is no room. */
export function setSearched(bytes: Buffer, directory: string): void {
  const segments = programHeaders(bytes)
  const entries = dynamicEntries(bytes, segments)
  const names = namesRange(entries, segments)
  const [own, ...others] = entries.filter(({tag}) => isSearched(tag)).map(({value}) => value)
  if (own === undefined || others.length > 0) throw new NotAsExpected('there is not one list of directories that are looked into')
  const room = textAt(bytes, names, own).length
  if (directory.length > room) throw new NotAsExpected(`there is no room for "${directory}"`)
  bytes.write(directory.padEnd(room, '\0'), names.start + own, 'latin1')
}

const isSearched = (tag: number) => tag === DT_RPATH || tag === DT_RUNPATH

function readWhole(bytes: Buffer): Linking | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined
  const type = bytes.readUInt16LE(16)
  if (type !== ET_EXEC && type !== ET_DYN) return undefined
  const segments = programHeaders(bytes)
  const entries = dynamicEntries(bytes, segments)
  const names = namesRange(entries, segments)
  const nameAt = (value: number) => textAt(bytes, names, value)
  const valuesOf = (wanted: number) => entries.filter(({tag}) => tag === wanted).map(({value}) => value)
  const searched = valuesOf(DT_RUNPATH).length > 0 ? valuesOf(DT_RUNPATH) : valuesOf(DT_RPATH)
  return {
    kind: kindOf(type, segments, valuesOf(DT_FLAGS_1)[0] ?? 0),
    needed: valuesOf(DT_NEEDED).map(nameAt),
    searched: searched.flatMap(value => nameAt(value).split(':')).filter(Boolean),
    loaded: loadedRanges(bytes, segments).flatMap(range => without(range, names)),
  }
}

function kindOf(type: number, segments: readonly Segment[], flags: number): Linking['kind'] {
  if (segments.some(segment => segment.type === PT_INTERP)) return 'program'
  return type === ET_EXEC || (flags & DF_1_PIE) !== 0 ? 'static' : 'library'
}

function dynamicEntries(bytes: Buffer, segments: readonly Segment[]): Entry[] {
  const dynamic = segments.find(({type}) => type === PT_DYNAMIC)
  if (!dynamic) return []
  const entries: Entry[] = []
  for (let at = dynamic.offset; at + ENTRY_SIZE <= dynamic.offset + dynamic.size; at += ENTRY_SIZE) {
    const entry = {at, tag: Number(bytes.readBigUInt64LE(at)), value: Number(bytes.readBigUInt64LE(at + 8))}
    if (entry.tag === DT_NULL) break
    entries.push(entry)
  }
  return entries
}

/** The table of names, which the dynamic section has by its address in memory. Empty where there is none. */
function namesRange(entries: readonly Entry[], segments: readonly Segment[]): Range {
  const [address, size] = [DT_STRTAB, DT_STRSZ].map(wanted => entries.find(({tag}) => tag === wanted)?.value)
  if (address === undefined || size === undefined) return {start: 0, end: 0}
  const isIn = (segment: Segment) => segment.type === PT_LOAD && segment.address <= address && address < segment.address + segment.size
  const segment = segments.find(isIn)
  if (!segment) throw new RangeError('table of names')
  const start = address - segment.address + segment.offset
  return {start, end: Math.min(start + size, segment.offset + segment.size)}
}

function textAt(bytes: Buffer, {start, end}: Range, value: number): string {
  const names = bytes.subarray(start, end)
  const stop = names.indexOf(0, value)
  if (value >= names.length || stop === -1) throw new RangeError('name')
  return names.toString('latin1', value, stop)
}

/** Of what is said to lie in memory more often than twice, nothing is read: each part would be, as often. */
function loadedRanges(bytes: Buffer, segments: readonly Segment[]): Range[] {
  const ranges = segments.flatMap(({type, offset, size}) =>
    type === PT_LOAD && offset < bytes.length ? [{start: offset, end: Math.min(offset + size, bytes.length)}] : [],
  )
  if (ranges.reduce((sum, {start, end}) => sum + end - start, 0) > 2 * bytes.length) throw new RangeError('segments')
  return ranges
}

function without(range: Range, {start, end}: Range): Range[] {
  if (end <= range.start || start >= range.end) return [range]
  const parts = [
    {start: range.start, end: start},
    {start: end, end: range.end},
  ]
  return parts.filter(part => part.start < part.end)
}
