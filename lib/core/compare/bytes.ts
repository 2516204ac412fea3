import {type Difference, different, quote} from './difference.js'

/** More lines than these are not told one by one. */
const LINES = 2000

const isText = (bytes: Buffer) => !bytes.includes(0)

/** The first offset at which two buffers differ; undefined where they are the same. */
export function firstDifference(one: Buffer, other: Buffer): number | undefined {
  if (one.equals(other)) return undefined
  const end = Math.min(one.length, other.length)
  // Halves: `equals` compares many bytes at once, a loop over bytes does not.
  let [from, to] = [0, end]
  while (to - from > 1) {
    const middle = (from + to) >> 1
    if (one.subarray(from, middle).equals(other.subarray(from, middle))) from = middle
    else to = middle
  }
  return one[from] === other[from] ? end : from
}

/** A few bytes of each side, from where they begin to differ; as text, where both are in the middle of one. */
export function describeBytes(one: Buffer, other: Buffer): string {
  const at = firstDifference(one, other) ?? 0
  const [text, otherText] = [textAround(one, at), textAround(other, at)]
  const readable = text.length >= TEXT && otherText.length >= TEXT
  const few = (bytes: Buffer) => (readable ? `"${textAround(bytes, at)}"` : bytes.subarray(at, at + 8).toString('hex') || 'nothing')
  const sizes = one.length === other.length ? '' : `, ${one.length} and ${other.length} bytes`
  return `at offset 0x${at.toString(16)}: ${few(one)} and ${few(other)}${sizes}`
}

/** So many printable characters are a text, as strings(1) has it. */
const TEXT = 4
const AROUND = 60

/** The printable characters on both sides of an offset. */
function textAround(bytes: Buffer, at: number): string {
  const before = /[ -~]*$/.exec(bytes.subarray(Math.max(0, at - AROUND), at).toString('latin1'))?.[0] ?? ''
  return before + (/^[ -~]*/.exec(bytes.subarray(at, at + AROUND).toString('latin1'))?.[0] ?? '')
}

/** Compares what has no structure that is known: line by line where both are text. */
export function compareBytes(one: Buffer, other: Buffer): Difference[] {
  if (one.equals(other)) return []
  if (!isText(one) || !isText(other)) return [different('bytes', describeBytes(one, other))]
  return compareLines(one.toString('latin1').split('\n'), other.toString('latin1').split('\n'))
}

/** Where the number of lines is the same, each that differs; else only the first, since what follows has moved. */
function compareLines(one: readonly string[], other: readonly string[]): Difference[] {
  const differing = one.flatMap((line, i) => (line === other[i] ? [] : [i]))
  if (one.length !== other.length || differing.length > LINES) {
    const at = differing[0] ?? one.length
    return [different('lines', `${one.length} and ${other.length} lines, the first that differs is ${at + 1}: ${both(one[at], other[at])}`)]
  }
  return differing.map(i => {
    const lines = {hybrid: one[i] ?? '', emulated: other[i] ?? ''}
    return {...different(`line ${i + 1}`, both(lines.hybrid, lines.emulated)), lines}
  })
}

/** From a little before where they begin to differ. */
function both(one = '', other = ''): string {
  const at = firstDifference(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1')) ?? 0
  const start = Math.max(0, at - 40)
  const show = (line: string) => `"${start > 0 ? '…' : ''}${quote(fromBytes(line.slice(start)))}"`
  return `${show(one)} and ${show(other)}`
}

const fromBytes = (text: string) => Buffer.from(text, 'latin1').toString()
