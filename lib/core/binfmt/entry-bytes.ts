import {XbuildError} from '../errors.js'

/** One character, `\\`, or `\xHH`: binmiscctl(8). */
const PIECE = /\\\\|\\x([0-9a-fA-F]{2})|[^\\]/uy

/** Bytes as people write them, in hexadecimal. `what` they are, for the message. Throws `bad-entry`. */
export function parseBytes(text: string, what: string): string {
  const bytes: Buffer[] = []
  PIECE.lastIndex = 0
  while (PIECE.lastIndex < text.length) {
    const at = PIECE.lastIndex
    const piece = PIECE.exec(text)
    if (!piece) {
      throw new XbuildError('bad-entry', `${what}: "${text.slice(at, at + 4)}" at character ${at + 1} is not a byte`, {
        hint: 'write a byte as itself or as \\xHH, a backslash as \\\\',
      })
    }
    if (piece[0] === '\ufffd') throw new XbuildError('bad-entry', `${what}: a byte is not UTF-8`, {hint: 'write it as \\xHH'})
    bytes.push(piece[1] === undefined ? Buffer.from(piece[0].at(-1) === '\\' ? '\\' : piece[0]) : Buffer.from(piece[1], 'hex'))
  }
  return Buffer.concat(bytes).toString('hex')
}

/**
 * Letters and digits as themselves, all else as `\xHH`: so every program that reads such bytes takes them, whatever it
 * makes of other characters, and of a backslash before another.
 */
export const printBytes = (hex: string) =>
  hex.replace(/../g, byte => {
    const character = String.fromCharCode(Number.parseInt(byte, 16))
    return /[a-zA-Z0-9]/.test(character) ? character : `\\x${byte}`
  })
