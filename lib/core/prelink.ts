/** Numbers of the System V ABI, chapters 4 and 5, and of its supplement for x86-64. */
const ET_EXEC = 2
const ET_DYN = 3
const EM_X86_64 = 62
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NULL = 0
const DT_RELA = 7
const DT_RELASZ = 8
const DT_RELACOUNT = 0x6ffffff9
const R_X86_64_RELATIVE = 8
const RELA_SIZE = 24

/**
 * Where prelinked programs are loaded: below all that the kernel maps by itself on x86-64 (from 0x7fff'ffff'ffff downward,
 * after a random gap of up to 2^28 pages, 1 TiB: mmap_rnd_bits in man 5 proc_sys_vm) and far above any program under an
 * emulator.
 */
export const PRELINK_BASE = 0x7e00_0000_0000n

interface Segment {
  at: number
  type: number
  offset: number
  address: number
  size: number
}

const long = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at))

function segmentsOf(bytes: Buffer): Segment[] {
  const [start, size, count] = [long(bytes, 32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  return Array.from({length: count}, (_, i) => {
    const at = start + i * size
    return {at, type: bytes.readUInt32LE(at), offset: long(bytes, at + 8), address: long(bytes, at + 16), size: long(bytes, at + 32)}
  })
}

/** Where each entry of the dynamic section has its value, by tag. */
function dynamicValues(bytes: Buffer, {offset, size}: Segment): Map<number, number> {
  const found = new Map<number, number>()
  for (let at = offset; at < offset + size; at += 16) {
    const tag = long(bytes, at)
    if (tag === DT_NULL) break
    found.set(tag, at + 8)
  }
  return found
}

/** A static program that may be loaded anywhere, and so relocates itself each time it starts: gcc's -static-pie. */
const isStaticPie = (bytes: Buffer, segments: readonly Segment[]) =>
  bytes.readUInt16LE(16) === ET_DYN && bytes.readUInt16LE(18) === EM_X86_64 && !segments.some(({type}) => type === PT_INTERP)

/**
 * Relocates a static, position-independent program of x86-64 once and for all, in place: qemu's has 91,000 relocations,
 * for which it reads 2 MB and writes to 500 pages at every start. Only what is loaded moves: the C library goes on
 * reckoning from the base that it finds itself at, and the other program headers count from there. Returns false, and
 * changes nothing, where the file is of another kind.
 */
export function prelink(bytes: Buffer, base = PRELINK_BASE): boolean {
  const segments = segmentsOf(bytes)
  const dynamic = segments.find(({type}) => type === PT_DYNAMIC)
  if (!dynamic || !isStaticPie(bytes, segments)) return false
  const values = dynamicValues(bytes, dynamic)
  const [table, size, count] = [DT_RELA, DT_RELASZ, DT_RELACOUNT].map(tag => values.get(tag))
  if (table === undefined || size === undefined || count === undefined) return false
  const loaded = segments.filter(({type}) => type === PT_LOAD)
  const relocated = relocate(bytes, loaded, {start: long(bytes, table), count: long(bytes, count)}, base)
  add(bytes, table, BigInt(relocated))
  add(bytes, size, BigInt(-relocated))
  bytes.writeBigUInt64LE(0n, count)
  for (const {at} of loaded) for (const field of [16, 24]) add(bytes, at + field, base) // p_vaddr, p_paddr
  add(bytes, 24, base) // e_entry
  bytes.writeUInt16LE(ET_EXEC, 16)
  return true
}

const add = (bytes: Buffer, at: number, amount: bigint) => bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + amount, at)

/** Does the relocations that say only "add the base", which come first. Returns their size in bytes. */
function relocate(bytes: Buffer, loaded: readonly Segment[], {start, count}: {start: number; count: number}, base: bigint): number {
  const offsetOf = (address: number) => {
    const within = loaded.find(segment => address >= segment.address && address < segment.address + segment.size)
    if (!within) throw new Error(`the program has no byte for address ${address}`)
    return address - within.address + within.offset
  }
  const first = offsetOf(start)
  for (let i = 0; i < count; i++) {
    const at = first + i * RELA_SIZE
    if (bytes.readUInt32LE(at + 8) !== R_X86_64_RELATIVE) throw new Error('a relocation is not of the kind that was counted')
    bytes.writeBigUInt64LE(base + bytes.readBigInt64LE(at + 16), offsetOf(long(bytes, at)))
  }
  return count * RELA_SIZE
}
