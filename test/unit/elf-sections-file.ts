/** Builds whole ELF files with sections by hand, after the tables of the System V ABI, chapter 4: no code shared with lib. */

export interface SectionFacts {
  name: string
  content: Buffer
  /** SHT_PROGBITS unless given. */
  type?: number
  flags?: number
  address?: number
  /** Where the file says that it lies; its content is there in any case. */
  offset?: number
  /** How long the file says that it is. */
  size?: number
  /** The number of a section, from 1 on, that it goes by. */
  link?: number
}

export interface ElfShape {
  bits: 32 | 64
  endian: 'little' | 'big'
}

export const SHAPES: readonly ElfShape[] = [
  {bits: 32, endian: 'little'},
  {bits: 32, endian: 'big'},
  {bits: 64, endian: 'little'},
  {bits: 64, endian: 'big'},
]

const SHT_STRTAB = 3

/** Numbers in a file's byte order and class. */
function writer({bits, endian}: ElfShape) {
  const half = (value: number) => {
    const bytes = Buffer.alloc(2)
    endian === 'little' ? bytes.writeUInt16LE(value) : bytes.writeUInt16BE(value)
    return bytes
  }
  const word = (value: number) => {
    const bytes = Buffer.alloc(4)
    endian === 'little' ? bytes.writeUInt32LE(value) : bytes.writeUInt32BE(value)
    return bytes
  }
  const long = (value: number) => {
    if (bits === 32) return word(value)
    const bytes = Buffer.alloc(8)
    endian === 'little' ? bytes.writeBigUInt64LE(BigInt(value)) : bytes.writeBigUInt64BE(BigInt(value))
    return bytes
  }
  return {half, word, long}
}

/** `gap` lies between the file header and the first section, and belongs to none. */
export function sectionedElf(shape: ElfShape, sections: readonly SectionFacts[], more: {gap?: Buffer; machine?: number} = {}): Buffer {
  const {half, word, long} = writer(shape)
  const headerSize = shape.bits === 64 ? 64 : 52
  const names = ['', ...sections.map(({name}) => name), '.shstrtab']
  const strings = Buffer.from(names.map(name => `${name}\0`).join(''))
  const nameOffset = (i: number) =>
    Buffer.from(
      names
        .slice(0, i)
        .map(name => `${name}\0`)
        .join(''),
    ).length
  const all = [...sections, {name: '.shstrtab', content: strings, type: SHT_STRTAB}]
  const gap = more.gap ?? Buffer.alloc(0)
  let offset = headerSize + gap.length
  const entries = all.map((section, i) => {
    const {type = 1, flags = 0, address = 0, link = 0, content}: SectionFacts = section
    const entry = [
      word(nameOffset(i + 1)),
      word(type),
      long(flags),
      long(address),
      long(section.offset ?? offset),
      long(section.size ?? content.length),
      word(link),
      word(0),
      long(1),
      long(0),
    ]
    offset += content.length
    return Buffer.concat(entry)
  })
  const entrySize = shape.bits === 64 ? 64 : 40
  const header = Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, shape.bits === 64 ? 2 : 1, shape.endian === 'little' ? 1 : 2, 1, ...Buffer.alloc(9)]),
    half(1), // ET_REL
    half(more.machine ?? 8),
    word(1),
    long(0),
    long(0),
    long(offset),
    word(0),
    half(headerSize),
    half(0),
    half(0),
    half(entrySize),
    half(all.length + 1),
    half(all.length),
  ])
  return Buffer.concat([header, gap, ...all.map(({content}) => content), Buffer.alloc(entrySize), ...entries])
}

/** A note of GNU's with a build id. */
export function buildIdNote(shape: ElfShape, id: string): SectionFacts {
  const {word} = writer(shape)
  const bytes = Buffer.from(id, 'hex')
  return {name: '.note.gnu.build-id', type: 7, content: Buffer.concat([word(4), word(bytes.length), word(3), Buffer.from('GNU\0'), bytes])}
}

export const comment = (...texts: string[]): SectionFacts => ({
  name: '.comment',
  content: Buffer.from(`\0${texts.map(text => `${text}\0`).join('')}`),
})

/** Symbols that a program takes from the library `libc.so.6`, with their versions: sections that go first. */
export function imports(shape: ElfShape, symbols: Readonly<Record<string, string>>): SectionFacts[] {
  const {half, word, long} = writer(shape)
  const versions = [...new Set(Object.values(symbols))]
  const texts = ['libc.so.6', ...Object.keys(symbols), ...versions]
  const at = (text: string) => 1 + texts.slice(0, texts.indexOf(text)).reduce((sum, one) => sum + one.length + 1, 0)
  const symbol = (name: number) =>
    shape.bits === 64
      ? Buffer.concat([word(name), Buffer.from([0x12, 0]), half(0), long(0), long(0)])
      : Buffer.concat([word(name), word(0), word(0), Buffer.from([0x12, 0]), half(0)])
  const aux = versions.map((version, i) =>
    Buffer.concat([word(0), half(0), half(i + 2), word(at(version)), word(i === versions.length - 1 ? 0 : 16)]),
  )
  const index = (version: string) => half(versions.indexOf(version) + 2)
  return [
    {name: '.dynstr', type: SHT_STRTAB, content: Buffer.from(`\0${texts.map(text => `${text}\0`).join('')}`)},
    {name: '.dynsym', type: 11, link: 1, content: Buffer.concat([symbol(0), ...Object.keys(symbols).map(name => symbol(at(name)))])},
    {name: '.gnu.version', type: 0x6fffffff, link: 2, content: Buffer.concat([half(0), ...Object.values(symbols).map(index)])},
    {
      name: '.gnu.version_r',
      type: 0x6ffffffe,
      link: 1,
      content: Buffer.concat([half(1), half(versions.length), word(at('libc.so.6')), word(16), word(0), ...aux]),
    },
  ]
}
