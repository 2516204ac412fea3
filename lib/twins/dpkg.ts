import {readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {HostArchitecture} from '../core/host.js'

/** dpkg and its like: programs that have the name of their own architecture compiled in (dpkg, lib/dpkg/arch.c). */
const PROGRAMS = /^dpkg(-[a-z]+)?$/

/** Makes the twins of dpkg take the target's architecture for their own. */
export async function adaptDpkg(tree: string, host: HostArchitecture, architecture: string): Promise<void> {
  const directory = join(tree, 'usr/bin')
  for (const name of (await readdir(directory)).filter(name => PROGRAMS.test(name))) {
    const bytes = await readFile(join(directory, name))
    if (replacePointers(bytes, host, architecture)) await writeFile(join(directory, name), bytes)
  }
}

/** A program header, in a file of 64 bits and little-endian, which all hosts' are. System V ABI, chapter 5; <elf.h> */
interface Segment {
  type: number
  flags: number
  offset: number
  address: number
  size: number
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const PF_W = 2
const DT_RELA = 7
const DT_RELASZ = 8
const RELA_SIZE = 24
const PAGE = 4096

function readSegments(bytes: Buffer): Segment[] {
  const [start, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  return Array.from({length: count}, (_, i) => {
    const at = start + i * size
    const long = (offset: number) => Number(bytes.readBigUInt64LE(at + offset))
    return {type: bytes.readUInt32LE(at), flags: bytes.readUInt32LE(at + 4), offset: long(8), address: long(16), size: long(32)}
  })
}

/** The relocations of a position-independent program: where each lies in the file. */
function relocations(bytes: Buffer, segments: readonly Segment[]): number[] {
  const dynamic = segments.find(({type}) => type === PT_DYNAMIC)
  if (!dynamic) return []
  const entries = new Map<number, number>()
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    entries.set(Number(bytes.readBigUInt64LE(at)), Number(bytes.readBigUInt64LE(at + 8)))
  }
  const [table, size] = [entries.get(DT_RELA), entries.get(DT_RELASZ)]
  const segment = segments.find(
    ({type, address, size: length}) => type === PT_LOAD && table !== undefined && table >= address && table < address + length,
  )
  if (table === undefined || size === undefined || !segment) return []
  const start = table - segment.address + segment.offset
  return Array.from({length: size / RELA_SIZE}, (_, i) => start + i * RELA_SIZE)
}

/** Writes a text behind a read-only segment, whose last page is mapped whole and holds nothing there. Returns its address. */
function writeBehind(bytes: Buffer, segments: readonly Segment[], text: Buffer): number {
  for (const {type, flags, offset, address, size} of segments) {
    const place = offset + size
    const room = bytes.subarray(place, Math.ceil(place / PAGE) * PAGE)
    if (type !== PT_LOAD || (flags & PF_W) !== 0 || room.length < text.length || room.some(byte => byte !== 0)) continue
    text.copy(bytes, place)
    return address + size
  }
  throw new Error('no segment has room behind it')
}

/** Makes all pointers to the host's name point to the target's. Returns whether there was such a pointer. */
export function replacePointers(bytes: Buffer, host: HostArchitecture, architecture: string): boolean {
  if (bytes.readUInt32BE(0) !== 0x7f454c46) return false // a script
  const at = bytes.indexOf(`\0${host.debian}\0`) + 1
  const segments = readSegments(bytes)
  const segment = segments.find(({type, offset, size}) => type === PT_LOAD && at > offset && at < offset + size)
  if (at === 0 || !segment) return false
  const pointers = relocations(bytes, segments).filter(
    entry =>
      Number(bytes.readBigUInt64LE(entry + 8)) === host.relative &&
      Number(bytes.readBigUInt64LE(entry + 16)) === at - segment.offset + segment.address,
  )
  if (pointers.length === 0) return false
  const address = writeBehind(bytes, segments, Buffer.from(`${architecture}\0`))
  for (const entry of pointers) bytes.writeBigUInt64LE(BigInt(address), entry + 16)
  return true
}
