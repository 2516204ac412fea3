import {parseElf} from './header.js'

/** A section, as its header has it. System V ABI, chapter 4, "Sections". */
export interface ElfSection {
  name: string
  type: number
  flags: number
  address: number
  size: number
  link: number
  info: number
  alignment: number
  entrySize: number
  /** Empty where the file holds nothing of it (SHT_NOBITS). */
  content: Buffer
}

/** What an ELF file consists of, without the places in the file where it lies. */
export interface ElfImage {
  bits: 32 | 64
  endian: 'little' | 'big'
  /** Each fact of the file header and the program headers by name, offsets in the file left out. */
  facts: ReadonlyMap<string, string>
  sections: readonly ElfSection[]
  /** What lies in no section and no header, without zeros: linkers fill the gaps with those. */
  rest: Buffer
}

const SHT_NOBITS = 8
/** Real numbers are in section 0: System V ABI, chapter 4, "Section Header", e_shnum and e_shstrndx. */
const SHN_XINDEX = 0xffff

/** Reads numbers of a file's class and byte order. */
class Reader {
  constructor(
    readonly bytes: Buffer,
    readonly bits: 32 | 64,
    readonly endian: 'little' | 'big',
  ) {}

  half = (at: number) => (this.endian === 'little' ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at))
  word = (at: number) => (this.endian === 'little' ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at))
  /** An address or size: 4 bytes in a file of 32 bits, 8 in one of 64. */
  long(at: number): number {
    if (this.bits === 32) return this.word(at)
    return Number(this.endian === 'little' ? this.bytes.readBigUInt64LE(at) : this.bytes.readBigUInt64BE(at))
  }
}

/** For tables of an image, which lie in its sections. */
export const readerOf = ({bits, endian}: ElfImage, bytes: Buffer): Reader => new Reader(bytes, bits, endian)

interface SectionTable {
  start: number
  entrySize: number
  count: number
  names: number
}

/** undefined where the bytes are no ELF file, have no sections, or end before what their headers promise. */
export function parseImage(bytes: Buffer): ElfImage | undefined {
  const header = parseElf(bytes)
  if (!header) return undefined
  const reader = new Reader(bytes, header.bits, header.endian)
  try {
    const table = sectionTable(reader)
    return table.count === 0 ? undefined : readImage(reader, table)
  } catch (error) {
    if (error instanceof RangeError) return undefined // it ends too early
    throw error
  }
}

function sectionTable(reader: Reader): SectionTable {
  const {bits} = reader
  const start = reader.long(bits === 64 ? 40 : 32)
  const entrySize = reader.half(bits === 64 ? 58 : 46)
  const count = reader.half(bits === 64 ? 60 : 48)
  const names = reader.half(bits === 64 ? 62 : 50)
  if (start === 0 || entrySize < (bits === 64 ? 64 : 40)) return {start, entrySize, count: 0, names}
  return {
    start,
    entrySize,
    count: count === 0 ? reader.long(start + (bits === 64 ? 32 : 20)) : count,
    names: names === SHN_XINDEX ? reader.word(start + (bits === 64 ? 40 : 24)) : names,
  }
}

function readImage(reader: Reader, table: SectionTable): ElfImage {
  const {bytes, bits, endian} = reader
  if (table.start + table.count * table.entrySize > bytes.length) throw new RangeError('section headers')
  const headers = Array.from({length: table.count}, (_, i) => readSection(reader, table.start + i * table.entrySize))
  const strings = headers[table.names]?.content ?? Buffer.alloc(0)
  const nameAt = (at: number) => strings.subarray(at, Math.max(at, strings.indexOf(0, at))).toString('latin1')
  const {segments, used} = readSegments(reader)
  const occupied = [
    ...used,
    [table.start, table.count * table.entrySize] as const,
    ...headers.map(({offset, content}) => [offset, content.length] as const),
  ]
  return {
    bits,
    endian,
    facts: new Map([...headerFacts(reader), ...segments]),
    sections: headers.map(({nameOffset, offset: _, ...section}) => ({name: nameAt(nameOffset), ...section})),
    rest: outside(bytes, occupied),
  }
}

function readSection(reader: Reader, at: number) {
  const wide = reader.bits === 64
  const type = reader.word(at + 4)
  const offset = reader.long(at + (wide ? 24 : 16))
  const size = reader.long(at + (wide ? 32 : 20))
  const length = type === SHT_NOBITS || type === 0 ? 0 : size
  // A section without bytes may be said to lie anywhere: in a file of debug symbols also beyond the end.
  if (length > 0 && offset + length > reader.bytes.length) throw new RangeError('section')
  return {
    nameOffset: reader.word(at),
    type,
    flags: reader.long(at + 8),
    address: reader.long(at + (wide ? 16 : 12)),
    offset,
    size,
    link: reader.word(at + (wide ? 40 : 24)),
    info: reader.word(at + (wide ? 44 : 28)),
    alignment: reader.long(at + (wide ? 48 : 32)),
    entrySize: reader.long(at + (wide ? 56 : 36)),
    content: reader.bytes.subarray(offset, offset + length),
  }
}

function headerFacts(reader: Reader): [string, string][] {
  const wide = reader.bits === 64
  return [
    ['identification', reader.bytes.subarray(0, 16).toString('hex')],
    ['type', String(reader.half(16))],
    ['machine', String(reader.half(18))],
    ['version', String(reader.word(20))],
    ['entry address', hex(reader.long(24))],
    ['flags', hex(reader.word(wide ? 48 : 36))],
  ]
}

/** Program headers as facts, and where they and the file header lie. */
function readSegments(reader: Reader): {segments: [string, string][]; used: (readonly [number, number])[]} {
  const wide = reader.bits === 64
  const start = reader.long(wide ? 32 : 28)
  const size = reader.half(wide ? 54 : 42)
  const count = start === 0 ? 0 : reader.half(wide ? 56 : 44)
  const segments = Array.from({length: count}, (_, i): [string, string] => {
    const at = start + i * size
    const fields = wide ? [16, 24, 32, 40, 48] : [8, 12, 16, 20, 28]
    const flags = reader.word(at + (wide ? 4 : 24))
    const numbers = fields.map(field => hex(reader.long(at + field))).join(' ')
    return [`program header ${i}`, `type ${hex(reader.word(at))}, flags ${flags}, addresses, sizes and alignment ${numbers}`]
  })
  return {
    segments,
    used: [
      [0, wide ? 64 : 52],
      [start, count * size],
    ],
  }
}

/** What none of the ranges holds, zeros left out. */
function outside(bytes: Buffer, ranges: readonly (readonly [start: number, size: number])[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const [start, size] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (start > at) parts.push(bytes.subarray(at, start))
    at = Math.max(at, start + size)
  }
  parts.push(bytes.subarray(at))
  return Buffer.from(Buffer.concat(parts).filter(byte => byte !== 0))
}

const hex = (value: number) => `0x${value.toString(16)}`

const NT_GNU_BUILD_ID = 3

/** The build id that a note holds, in hexadecimal: name size, description size, type, name, description; man 5 elf, "Notes". */
export function buildId(image: ElfImage): string | undefined {
  const note = image.sections.find(({name}) => name === '.note.gnu.build-id')?.content
  if (!note || note.length < 16) return undefined
  const {word} = new Reader(note, image.bits, image.endian)
  const start = 12 + Math.ceil(word(0) / 4) * 4
  return word(8) === NT_GNU_BUILD_ID ? note.subarray(start, start + word(4)).toString('hex') : undefined
}

/** sizeof (Elf64_Sym) */
const SYMBOL_SIZE = 24

/** A symbol of the dynamic symbol table: System V ABI, chapter 4, "Symbol Table", of files of 64 bits. */
interface DynamicSymbol {
  name: string
  /** SHN_UNDEF: another file has it. */
  section: number
  address: number
}

const SHN_UNDEF = 0

function dynamicSymbols(image: ElfImage): DynamicSymbol[] {
  const symbols = image.sections.find(section => section.name === '.dynsym')
  const names = symbols && image.sections[symbols.link]?.content
  if (!symbols || !names || image.bits !== 64 || symbols.entrySize < SYMBOL_SIZE) return []
  const reader = new Reader(symbols.content, image.bits, image.endian)
  const count = Math.floor(symbols.content.length / symbols.entrySize)
  return Array.from({length: count}, (_, i) => {
    const at = i * symbols.entrySize
    const start = reader.word(at)
    return {
      name: names.toString('latin1', start, Math.max(start, names.indexOf(0, start))),
      section: reader.half(at + 6),
      address: reader.long(at + 8),
    }
  })
}

/** Where a symbol of the dynamic symbol table is. */
export const symbolAddress = (image: ElfImage, name: string): number | undefined =>
  dynamicSymbols(image).find(symbol => symbol.name === name)?.address

/** The functions and data that it has from other files. */
export const importedNames = (image: ElfImage): string[] =>
  dynamicSymbols(image).flatMap(({name, section}) => (section === SHN_UNDEF && name !== '' ? [name] : []))

const SHF_COMPRESSED = 0x800
const ELFCOMPRESS_ZLIB = 1

/** The sections that are compressed with zlib: System V ABI, "Section Compression"; a header of type, size, alignment comes first. */
export function zlibSections(image: ElfImage): {name: string; compressed: Buffer}[] {
  const headerSize = image.bits === 64 ? 24 : 12
  return image.sections.flatMap(({name, flags, content}) => {
    if ((flags & SHF_COMPRESSED) === 0 || content.length < headerSize) return []
    const {word} = new Reader(content, image.bits, image.endian)
    return word(0) === ELFCOMPRESS_ZLIB ? [{name, compressed: content.subarray(headerSize)}] : []
  })
}
