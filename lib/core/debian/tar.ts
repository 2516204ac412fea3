/** An entry of a tar archive. */
export interface TarEntry {
  name: string
  /** All that its headers say besides name and size. */
  attributes: string
  content: Buffer
}

const BLOCK = 512
/** Entries that say something about the next one: POSIX pax (`x`), GNU's long names (`L`) and link targets (`K`). */
type Ahead = {path?: string; linkpath?: string; size?: number; more: string}

/**
 * Reads a tar archive of any of the usual kinds: POSIX 1003.1 `pax`, "ustar Interchange Format" and "pax Header"; GNU
 * tar's manual, "Basic Tar Format". undefined where the bytes are no archive, or one that is damaged.
 */
export function parseTar(bytes: Buffer): TarEntry[] | undefined {
  if (bytes.length < BLOCK || bytes.subarray(257, 262).toString('latin1') !== 'ustar') return undefined
  const entries: TarEntry[] = []
  let ahead: Ahead = {more: ''}
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK)
    if (header.every(byte => byte === 0)) break
    const type = header.toString('latin1', 156, 157)
    const size = type === 'x' || type === 'L' || type === 'K' ? number(header, 124, 12) : (ahead.size ?? number(header, 124, 12))
    if (size === undefined) return undefined
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size)
    if (content.length < size) return undefined
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (type === 'x') ahead = {...ahead, ...readPax(content)}
    else if (type === 'L') ahead = {...ahead, path: text(content, 0, size)}
    else if (type === 'K') ahead = {...ahead, linkpath: text(content, 0, size)}
    else {
      entries.push(readEntry(header, type, ahead, content))
      ahead = {more: ''}
    }
  }
  return entries
}

/** A text that ends in NUL, or fills its field. */
function text(bytes: Buffer, from: number, size: number): string {
  const field = bytes.subarray(from, from + size)
  const end = field.indexOf(0)
  return field.subarray(0, end === -1 ? size : end).toString('latin1')
}

/** Octal digits, or where the first bit is set a big-endian number (GNU). undefined where it is neither. */
function number(bytes: Buffer, from: number, size: number): number | undefined {
  const field = bytes.subarray(from, from + size)
  if (((field[0] as number) & 0x80) !== 0) return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0)
  const digits = text(bytes, from, size).trim()
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined
}

function readEntry(header: Buffer, type: string, ahead: Ahead, content: Buffer): TarEntry {
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header, 345, 155) : ''
  const name = text(header, 0, 100)
  const owner = `${number(header, 108, 8)}:${number(header, 116, 8)} (${text(header, 265, 32)}:${text(header, 297, 32)})`
  const link = ahead.linkpath ?? text(header, 157, 100)
  const device = `${number(header, 329, 8)}:${number(header, 337, 8)}`
  return {
    name: ahead.path ?? (prefix === '' ? name : `${prefix}/${name}`),
    attributes: `type ${type}, mode ${text(header, 100, 8)}, owner ${owner}, time ${number(header, 136, 12)}, link "${link}", device ${device}${ahead.more}`,
    content,
  }
}

/** Records `LENGTH NAME=VALUE\n`, the length that of the whole record. */
function readPax(content: Buffer): Ahead {
  const ahead: Ahead = {more: ''}
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.subarray(at, at + 20).toString('latin1'), 10)
    if (!(length > 0)) break
    const [, name = '', value = ''] = /^\d+ ([^=]*)=(.*)\n$/s.exec(content.subarray(at, at + length).toString('latin1')) ?? []
    if (name === 'path') ahead.path = value
    else if (name === 'linkpath') ahead.linkpath = value
    else if (name === 'size') ahead.size = Number(value)
    else ahead.more += `, ${name} ${value}`
    at += length
  }
  return ahead
}
