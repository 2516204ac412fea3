/**
 * A program of the host's architecture as it lies in memory, to change the text that it has built in. ELF, 64 bits,
 * little-endian: System V ABI, chapters 4 and 5. Nothing in it moves; a longer text goes where the last page of a
 * read-only segment is empty, and what points to the old one is made to point there.
 */

const PT_LOAD = 1
const PF_EXECUTE = 1
const PF_WRITE = 2
/** What the kernel maps at a time: a segment's last page is in memory to its end. */
const PAGE = 4096

/** A program header. */
export interface Segment {
  type: number
  flags: number
  offset: number
  address: number
  size: number
}

export class ProgramImage {
  readonly bytes: Buffer
  readonly #segments: readonly Segment[]
  /** How much room of each read-only segment's last page has been used. */
  readonly #used = new Map<Segment, number>()

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.#segments = programHeaders(bytes).filter(({type}) => type === PT_LOAD)
  }

  /** Where the text lies in memory, wherever it ends in NUL: it may be the end of a longer one, which the linker shares. */
  textAddresses(text: string): number[] {
    const wanted = Buffer.from(`${text}\0`, 'latin1')
    return this.#segments.flatMap(segment => occurrences(this.#data(segment), wanted).map(at => segment.address + at))
  }

  /** Where the address stands as a pointer: in data of a program that is not position-independent, or in a relocation. */
  pointers(address: number): number[] {
    const wanted = Buffer.alloc(8)
    wanted.writeBigUInt64LE(BigInt(address))
    const isData = (segment: Segment) => (segment.flags & PF_EXECUTE) === 0
    return this.#segments.filter(isData).flatMap(segment => occurrences(this.#data(segment), wanted).map(at => segment.address + at))
  }

  /** undefined where the address is not in the file. */
  offset(address: number): number | undefined {
    const segment = this.#segments.find(({address: start, size}) => start <= address && address < start + size)
    return segment && address - segment.address + segment.offset
  }

  /** The pointer at an address. */
  pointerAt(address: number): number {
    return Number(this.bytes.readBigUInt64LE(this.#place(address, 8)))
  }

  setPointer(address: number, value: number): void {
    this.bytes.writeBigUInt64LE(BigInt(value), this.#place(address, 8))
  }

  setBytes(address: number, values: readonly number[]): void {
    Buffer.from(values).copy(this.bytes, this.#place(address, values.length))
  }

  textAt(address: number): string {
    const at = this.#place(address, 1)
    return this.bytes.toString('latin1', at, this.bytes.indexOf(0, at))
  }

  /** Writes a text where no other is; returns its address. */
  addText(text: string): number {
    const wanted = Buffer.from(`${text}\0`, 'latin1')
    for (const segment of this.#segments) {
      if ((segment.flags & (PF_EXECUTE | PF_WRITE)) !== 0) continue
      const used = this.#used.get(segment) ?? 0
      const start = segment.offset + segment.size + used
      const end = Math.ceil((segment.offset + segment.size) / PAGE) * PAGE
      if (start + wanted.length > end || this.bytes.subarray(start, start + wanted.length).some(byte => byte !== 0)) continue
      wanted.copy(this.bytes, start)
      this.#used.set(segment, used + wanted.length)
      return segment.address + segment.size + used
    }
    throw new Error(`there is no room for "${text}"`)
  }

  /**
   * Makes all that uses a text use another. Code of x86-64 has its address in `lea displacement(%rip), register` (Intel
   * SDM, volume 2: REX.W 8D /r with ModRM 00 … 101), data in a pointer or a relocation. Returns how many uses there were.
   */
  replaceText(from: string, to: string): number {
    const known = this.textAddresses(to)[0]
    let target = known
    let uses = 0
    for (const address of this.textAddresses(from)) {
      const code = this.#codeUses(address)
      const data = this.pointers(address)
      if (code.length + data.length === 0) continue
      target ??= this.addText(to)
      for (const use of code) this.bytes.writeInt32LE(target - use - 4, this.#place(use, 4))
      for (const use of data) this.setPointer(use, target)
      uses += code.length + data.length
    }
    return uses
  }

  /**
   * Where code that is not position-independent passes an address as a function's argument: `mov imm32, register` (B8+r),
   * with the number of the register, 7 for the first argument and 6 for the second (System V ABI, x86-64 supplement).
   */
  arguments(address: number, register: number): number[] {
    const wanted = Buffer.alloc(5)
    wanted[0] = 0xb8 + register
    wanted.writeUInt32LE(address, 1)
    const isCode = (segment: Segment) => (segment.flags & PF_EXECUTE) !== 0
    return this.#segments.filter(isCode).flatMap(segment => occurrences(this.#data(segment), wanted).map(at => segment.address + at))
  }

  /** Makes code that `arguments` found pass another address. */
  setArgument(place: number, value: number): void {
    this.bytes.writeUInt32LE(value, this.#place(place + 1, 4))
  }

  /** Where code has the displacement of an address. */
  #codeUses(address: number): number[] {
    return this.#segments
      .filter(segment => (segment.flags & PF_EXECUTE) !== 0)
      .flatMap(segment => {
        const code = this.#data(segment)
        return occurrences(code, LEA).flatMap(at => {
          if (at === 0 || at + 6 > code.length) return []
          const isLea = ((code[at - 1] as number) & 0xf8) === 0x48 && ((code[at + 1] as number) & 0xc7) === 0x05
          const place = segment.address + at + 2
          return isLea && place + 4 + code.readInt32LE(at + 2) === address ? [place] : []
        })
      })
  }

  #data(segment: Segment): Buffer {
    return this.bytes.subarray(segment.offset, segment.offset + segment.size)
  }

  #place(address: number, size: number): number {
    const at = this.offset(address)
    if (at === undefined || at + size > this.bytes.length) throw new Error(`address 0x${address.toString(16)} is not in the program`)
    return at
  }
}

const LEA = Buffer.from([0x8d])

function occurrences(bytes: Buffer, wanted: Buffer): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found.push(at)
  return found
}

/** All program headers of a file of 64 bits, little-endian: also those of what is not loaded by itself. */
export function programHeaders(bytes: Buffer): Segment[] {
  const start = Number(bytes.readBigUInt64LE(32))
  const [entrySize, count] = [bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  return Array.from({length: count}, (_, i) => {
    const at = start + i * entrySize
    const [offset, address, size] = [8, 16, 32].map(field => Number(bytes.readBigUInt64LE(at + field))) as [number, number, number]
    return {type: bytes.readUInt32LE(at), flags: bytes.readUInt32LE(at + 4), offset, address, size}
  })
}
