/** What a program's ELF header says. Offsets and numbers from the System V ABI, chapter 4, and <elf.h>. */
export interface ElfHeader {
  bits: 32 | 64
  endian: 'little' | 'big'
  machine: number
  type: number
  /** Where it is begun; 0 in a library that is no program: nothing begins there. */
  entry: number
  /** Where the path of the dynamic loader lies in the file, and how many bytes it may have, its NUL included. */
  interpreter: {offset: number; size: number} | undefined
}

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46])
const PT_INTERP = 3

/** Reads a header from the first bytes of a file; undefined where they are not ELF or end too early. */
export function parseElf(bytes: Buffer): ElfHeader | undefined {
  if (bytes.length < 52 || !bytes.subarray(0, 4).equals(MAGIC)) return undefined
  const bits = bytes[4] === 2 ? 64 : 32
  const little = bytes[5] === 1
  const u16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const u32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const word = (at: number) => (bits === 64 ? Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)) : u32(at))
  if (bits === 64 && bytes.length < 64) return undefined
  const [start, entrySize, count] = bits === 64 ? [word(32), u16(54), u16(56)] : [word(28), u16(42), u16(44)]
  const header: ElfHeader = {
    bits,
    endian: little ? 'little' : 'big',
    type: u16(16),
    machine: u16(18),
    entry: word(24),
    interpreter: undefined,
  }
  for (let i = 0; i < count; i++) {
    const at = start + i * entrySize
    if (at + entrySize > bytes.length) break
    if (u32(at) !== PT_INTERP) continue
    header.interpreter = bits === 64 ? {offset: word(at + 8), size: word(at + 32)} : {offset: word(at + 4), size: word(at + 16)}
  }
  return header
}

/** Whether the bytes of a file's start match a binfmt_misc magic under its mask. */
export function matchesMagic(bytes: Buffer, magic: Buffer, mask: Buffer): boolean {
  if (bytes.length < magic.length) return false
  return magic.every((byte, i) => ((bytes[i] as number) & (mask[i] ?? 0xff)) === (byte & (mask[i] ?? 0xff)))
}

/**
 * Whether a file's first bytes are those of an ELF file for the machine that a binfmt_misc magic is for: class, byte order
 * and e_machine. undefined where they are no ELF file's. Unlike the magic, this also knows objects and libraries.
 */
export function isForMachine(bytes: Buffer, magic: Buffer): boolean | undefined {
  if (bytes.length < 20 || !bytes.subarray(0, 4).equals(MAGIC)) return undefined
  return [4, 5, 18, 19].every(at => bytes[at] === magic[at])
}
