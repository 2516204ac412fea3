/** Builds the start of an ELF file by hand, after the tables of the System V ABI, chapter 4: no code shared with lib. */

export interface ElfFacts {
  bits: 32 | 64
  endian: 'little' | 'big'
  machine: number
  /** ET_EXEC unless given. */
  type?: number
  /** One byte each; binfmt_misc's masks leave them out. */
  osAbi?: number
  abiVersion?: number
  /** ENTRY unless given. */
  entry?: number
  segments?: readonly {type: number; offset: number; size: number}[]
}

/** Where the programs begin. */
export const ENTRY = 0x1040
export const ET_EXEC = 2
export const ET_DYN = 3
export const PT_LOAD = 1
export const PT_INTERP = 3

export function elfFile(facts: ElfFacts): Buffer {
  const {bits, endian, segments = []} = facts
  const headerSize = bits === 64 ? 64 : 52
  const segmentSize = bits === 64 ? 56 : 32
  const bytes = Buffer.alloc(headerSize + segments.length * segmentSize)
  const half = (value: number, at: number) => (endian === 'little' ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at))
  const word = (value: number, at: number) => (endian === 'little' ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at))
  const long = (value: number, at: number) =>
    endian === 'little' ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeBigUInt64BE(BigInt(value), at)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, endian === 'little' ? 1 : 2, 1, facts.osAbi ?? 0, facts.abiVersion ?? 0])
  half(facts.type ?? ET_EXEC, 16)
  half(facts.machine, 18)
  word(1, 20)
  if (bits === 64) {
    long(facts.entry ?? ENTRY, 24)
    long(segments.length === 0 ? 0 : headerSize, 32)
    half(headerSize, 52)
    half(segmentSize, 54)
    half(segments.length, 56)
  } else {
    word(facts.entry ?? ENTRY, 24)
    word(segments.length === 0 ? 0 : headerSize, 28)
    half(headerSize, 40)
    half(segmentSize, 42)
    half(segments.length, 44)
  }
  segments.forEach((segment, i) => {
    const at = headerSize + i * segmentSize
    word(segment.type, at)
    if (bits === 64) {
      long(segment.offset, at + 8)
      long(segment.size, at + 32)
    } else {
      word(segment.offset, at + 4)
      word(segment.size, at + 16)
    }
  })
  return bytes
}
