/**
 * A program of the host's architecture as it lies in memory, to change the text that it has built in. ELF, 64 bits,
 * little-endian: System V ABI, chapters 4 and 5. Nothing in it moves; a longer text goes where the last page of a
 * read-only segment is empty, and what points to the old one is made to point there.
 */

import type {Code, MachineCode, MadeString, MathChoices, StringCode} from '../hosts/host.js'
import {codeOf} from '../hosts/hosts.js'
import {NotAsExpected} from './not-as-expected.js'

/** e_machine's place in the file. */
const E_MACHINE = 18
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
  readonly #machine: MachineCode
  /** How much room of each read-only segment's last page has been used. */
  readonly #used = new Map<Segment, number>()

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.#machine = codeOf(bytes.readUInt16LE(E_MACHINE))
    this.#segments = programHeaders(bytes).filter(({type}) => type === PT_LOAD)
  }

  /** The same of a file that anybody may have made; undefined where its program headers do not lie in it. */
  static of(bytes: Buffer): ProgramImage | undefined {
    return hasProgramHeaders(bytes) ? new ProgramImage(bytes) : undefined
  }

  /** Where the text lies in memory, wherever it ends in NUL: it may be the end of a longer one, which the linker shares. */
  textAddresses(text: string): number[] {
    const wanted = Buffer.from(`${text}\0`, 'latin1')
    return this.#segments.flatMap(segment => occurrences(this.#data(segment), wanted).map(at => segment.address + at))
  }

  /** Where bytes lie in memory, whatever comes behind. */
  placesOf(wanted: Buffer): number[] {
    return this.#segments.flatMap(segment => occurrences(this.#data(segment), wanted).map(at => segment.address + at))
  }

  /** Where a number of 4 bytes stands in the code. */
  numbers(value: number): number[] {
    const wanted = Buffer.alloc(4)
    wanted.writeUInt32LE(value)
    const isCode = (segment: Segment) => (segment.flags & PF_EXECUTE) !== 0
    return this.#segments.filter(isCode).flatMap(segment => occurrences(this.#data(segment), wanted).map(at => segment.address + at))
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

  /** Whether it is loaded where its addresses are: what is position-independent begins at 0. */
  get #isFixed(): boolean {
    return this.#segments.every(({address}) => address > 0)
  }

  /** The address of what lies at an offset of the file; undefined where that is not in memory. */
  addressAt(offset: number): number | undefined {
    const segment = this.#segments.find(({offset: start, size}) => start <= offset && offset < start + size)
    return segment && offset - segment.offset + segment.address
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

  startsWith(address: number, text: string): boolean {
    const at = this.offset(address)
    return at !== undefined && this.bytes.toString('latin1', at, at + text.length) === text
  }

  textAt(address: number): string {
    const at = this.#place(address, 1)
    return this.bytes.toString('latin1', at, this.bytes.indexOf(0, at))
  }

  /** Writes a text where no other is; returns its address. Throws where there is no room. */
  addText(text: string): number {
    const address = this.#addText(text)
    if (address === undefined) throw new NotAsExpected(`there is no room for "${text}"`)
    return address
  }

  #addText(text: string): number | undefined {
    const wanted = Buffer.from(`${text}\0`, 'latin1')
    for (const segment of this.#readOnly()) {
      const used = this.#used.get(segment) ?? 0
      const start = segment.offset + segment.size + used
      const end = Math.ceil((segment.offset + segment.size) / PAGE) * PAGE
      if (start + wanted.length > end || this.bytes.subarray(start, start + wanted.length).some(byte => byte !== 0)) continue
      wanted.copy(this.bytes, start)
      this.#used.set(segment, used + wanted.length)
      return segment.address + segment.size + used
    }
    return undefined
  }

  /** Those with code last: in some libraries all that is read-only is one segment. */
  #readOnly(): Segment[] {
    const isCode = ({flags}: Segment) => (flags & PF_EXECUTE) !== 0
    const segments = this.#segments.filter(({flags}) => (flags & PF_WRITE) === 0)
    return [...segments.filter(segment => !isCode(segment)), ...segments.filter(isCode)]
  }

  /**
   * Makes all that uses a text use another: code by an instruction, data by a pointer or a relocation. Returns how many uses
   * there were; 0, and nothing is changed, also where there is no room for the other text.
   */
  replaceText(from: string, to: string): number {
    const known = this.textAddresses(to)[0]
    let target = known
    let uses = 0
    for (const address of this.textAddresses(from)) {
      const code = this.#codeUses(address)
      const data = this.pointers(address)
      if (code.length + data.length === 0) continue
      target ??= this.#addText(to)
      if (target === undefined) return 0
      for (const use of code) this.setBytes(use, [...this.#machine.useOf(use, target)])
      for (const use of data) this.setPointer(use, target)
      uses += code.length + data.length
    }
    return uses
  }

  /** How many uses of an address there are: in code by its displacement or as a number, in data as a pointer. */
  uses(address: number): number {
    return this.#codeUses(address).length + (this.#isFixed ? this.numbers(address).length : 0) + this.pointers(address).length
  }

  /** The addresses in a range that code takes (`lea`, `mov`) or data points to, in order. */
  usedWithin(start: number, end: number): number[] {
    const code = this.#code().flatMap(part => this.#machine.taken(part))
    const data = this.#segments.filter(({flags}) => (flags & PF_EXECUTE) === 0).flatMap(segment => this.#pointed(segment))
    const used = [...code, ...data]
    return [...new Set(used.filter(address => start <= address && address < end))].sort((a, b) => a - b)
  }

  #pointed(segment: Segment): number[] {
    const data = this.#data(segment)
    const first = (8 - (segment.address % 8)) % 8
    return Array.from({length: Math.floor((data.length - first) / 8)}, (_, i) => Number(data.readBigUInt64LE(first + 8 * i)))
  }

  /** Where code makes a string of the text at an address. */
  madeStrings(strings: StringCode, address: number, text: string): MadeString[] {
    return this.#code().flatMap(code => strings.made(code, address, text))
  }

  /** Where code asks what the processor can compute. */
  mathChoices(choices: MathChoices): number[] {
    return this.#code().flatMap(code => choices.asks(code))
  }

  /** Where code that is not position-independent passes an address as a function's argument. */
  arguments(address: number, which: 'first' | 'second'): number[] {
    return this.#code().flatMap(code => this.#machine.argumentsOf(code, address, which))
  }

  /** Makes code that `arguments` found pass another address. */
  setArgument(place: number, value: number): void {
    this.setBytes(place, [...this.#machine.argumentOf(value)])
  }

  #codeUses(address: number): number[] {
    return this.#code().flatMap(code => this.#machine.usesOf(code, address))
  }

  #code(): Code[] {
    const parts = this.#segments.filter(({flags}) => (flags & PF_EXECUTE) !== 0)
    return parts.map(segment => ({bytes: this.#data(segment), address: segment.address, isFixed: this.#isFixed}))
  }

  #data(segment: Segment): Buffer {
    return this.bytes.subarray(segment.offset, segment.offset + segment.size)
  }

  #place(address: number, size: number): number {
    const at = this.offset(address)
    if (at === undefined || at + size > this.bytes.length) throw new RangeError(`address 0x${address.toString(16)} is not in the program`)
    return at
  }
}

function occurrences(bytes: Buffer, wanted: Buffer): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found.push(at)
  return found
}

/** Sizes in bytes: of the file's header, and of what is read of a program header. */
const HEADER_SIZE = 64
const READ_SIZE = 40

function hasProgramHeaders(bytes: Buffer): boolean {
  if (bytes.length < HEADER_SIZE) return false
  const [entrySize, count] = [bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  return count === 0 || Number(bytes.readBigUInt64LE(32)) + (count - 1) * entrySize + READ_SIZE <= bytes.length
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
