/** Numbers of the System V ABI, chapter 5, "Program Header" and "Dynamic Section", for files of 64 bits. */
const PT_LOAD = 1
const PT_DYNAMIC = 2
const DT_NULL = 0
const DT_NEEDED = 1
const DT_STRTAB = 5

interface Segment {
  type: number
  offset: number
  address: number
  size: number
}

interface Entry {
  at: number
  tag: number
  value: number
}

const long = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at))

function segments(bytes: Buffer): Segment[] {
  const [start, size, count] = [long(bytes, 32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  return Array.from({length: count}, (_, i) => {
    const at = start + i * size
    return {type: bytes.readUInt32LE(at), offset: long(bytes, at + 8), address: long(bytes, at + 16), size: long(bytes, at + 32)}
  })
}

function dynamicEntries(bytes: Buffer, {offset, size}: Segment): Entry[] {
  return Array.from({length: Math.floor(size / 16)}, (_, i) => {
    const at = offset + i * 16
    return {at, tag: long(bytes, at), value: long(bytes, at + 8)}
  })
}

/**
 * Makes a dynamic program of 64 bits, little-endian, load one more library, in place: linkers leave room for more entries
 * (ld's --spare-dynamic-tags, five by default). There is no room for a name, but the ends of names are names too: the
 * library is called as `needed`, which the program loads already, without its first three letters. Returns that name.
 * Throws where the file is not what this was written for.
 */
export function addLibrary(bytes: Buffer, needed: string): string {
  const all = segments(bytes)
  const dynamic = all.find(({type}) => type === PT_DYNAMIC)
  const entries = dynamic ? dynamicEntries(bytes, dynamic) : []
  const end = entries.findIndex(({tag}) => tag === DT_NULL)
  const [spare, last] = [entries[end], entries[end + 1]]
  const table = entries.find(({tag}) => tag === DT_STRTAB)
  const within = all.find(({type, address, size}) => type === PT_LOAD && table && table.value >= address && table.value < address + size)
  if (!table || !within) throw new Error('the program has no table of strings')
  const strings = table.value - within.address + within.offset
  const nameAt = ({value}: Entry) => bytes.subarray(strings + value, bytes.indexOf(0, strings + value)).toString('latin1')
  const like = entries.slice(0, end).find(entry => entry.tag === DT_NEEDED && nameAt(entry) === needed)
  if (!like) throw new Error(`the program does not load ${needed}`)
  if (end < 0 || !spare || last?.tag !== DT_NULL) throw new Error('the program has no room for another library')
  bytes.writeBigUInt64LE(BigInt(DT_NEEDED), spare.at)
  bytes.writeBigUInt64LE(BigInt(like.value + 3), spare.at + 8)
  return needed.slice(3)
}
