/** A member of an ar archive. */
export interface ArMember {
  name: string
  /** All that its header says besides name and size. */
  attributes: string
  size: number
  /** undefined in a thin archive: the member is a file of its own. */
  content: Buffer | undefined
}

/** As `ar` writes it, GNU's form: https://sourceware.org/binutils/docs/binutils/ar.html, System V's <ar.h>. */
export interface ArArchive {
  kind: 'whole' | 'thin'
  members: readonly ArMember[]
  /** `SYMBOL in the Nth member`, a line each, in the order of the archive's index. */
  symbols: string
}

const WHOLE = '!<arch>\n'
const THIN = '!<thin>\n'
const HEADER = 60

/** undefined where the bytes are no archive, or one that is damaged. */
export function parseAr(bytes: Buffer): ArArchive | undefined {
  const magic = bytes.subarray(0, 8).toString('latin1')
  if (magic !== WHOLE && magic !== THIN) return undefined
  const thin = magic === THIN
  const members: ArMember[] = []
  const starts = new Map<number, number>()
  let [names, index] = [Buffer.alloc(0), undefined as {content: Buffer; wordSize: 4 | 8} | undefined]
  for (let at = 8; at < bytes.length; ) {
    const header = bytes.subarray(at, at + HEADER).toString('latin1')
    const field = (from: number, to: number) => header.slice(from, to).trim()
    const size = Number(field(48, 58))
    if (header.slice(58) !== '`\n' || !Number.isInteger(size)) return undefined
    const name = field(0, 16)
    const special = name === '/' || name === '//' || name === '/SYM64/'
    const held = special || !thin
    const content = held ? bytes.subarray(at + HEADER, at + HEADER + size) : undefined
    if (content !== undefined && content.length < size) return undefined
    if (name === '//') names = Buffer.from(content ?? '')
    else if (special) index = {content: content ?? Buffer.alloc(0), wordSize: name === '/' ? 4 : 8}
    else {
      starts.set(at, members.length)
      const attributes = `time ${field(16, 28)}, owner ${field(28, 34)}:${field(34, 40)}, mode ${field(40, 48)}`
      members.push({name: memberName(name, names), attributes, size, content})
    }
    at += HEADER + (held ? size + (size % 2) : 0)
  }
  return {kind: thin ? 'thin' : 'whole', members, symbols: index ? readSymbols(index.content, index.wordSize, starts) : ''}
}

/** `name/`, or `/OFFSET` into the table of long names, where each ends in `/` and a newline. */
function memberName(field: string, names: Buffer): string {
  const offset = /^\/(\d+)$/.exec(field)?.[1]
  if (offset === undefined) return field.replace(/\/$/, '')
  const from = Number(offset)
  const end = names.indexOf('\n', from)
  return names
    .subarray(from, end === -1 ? names.length : end)
    .toString('latin1')
    .replace(/\/$/, '')
}

/** The index: how many, as many offsets of members, as many names that end in NUL. Always big-endian. */
function readSymbols(content: Buffer, wordSize: 4 | 8, starts: ReadonlyMap<number, number>): string {
  const number = (at: number) =>
    at + wordSize > content.length ? 0 : wordSize === 4 ? content.readUInt32BE(at) : Number(content.readBigUInt64BE(at))
  const count = Math.min(number(0), Math.floor(content.length / wordSize))
  const names = content
    .subarray(wordSize * (count + 1))
    .toString('latin1')
    .split('\0')
  return Array.from({length: count}, (_, i) => `${names[i]} in member ${starts.get(number(wordSize * (i + 1))) ?? 'unknown'}`).join('\n')
}

/** A whole archive without an index: of members whose names have at most 15 characters. */
export function writeAr(members: readonly {name: string; content: Buffer}[]): Buffer {
  const parts = members.flatMap(({name, content}) => {
    const header = `${`${name}/`.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`
    return [Buffer.from(header, 'latin1'), content, Buffer.from(content.length % 2 === 1 ? '\n' : '')]
  })
  return Buffer.concat([Buffer.from(WHOLE, 'latin1'), ...parts])
}
