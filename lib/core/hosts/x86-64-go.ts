import type {Code, GoCode} from './host.js'
import {X86_64_CODE} from './x86-64-code.js'

/** Bytes: of a displacement or a number. */
const SIZE = 4
/** As many bytes behind an instruction that takes the address of a text have its length; Go's compiler puts the two side by side. */
const NEAR = 20

/** A text as arguments, and as fields: `lea text(%rip), register`, and its length as a number of 4 bytes soon after. */
function textsTaken(code: Code, address: number, length: number): {address: number; length: number}[] {
  const wanted = Buffer.alloc(SIZE)
  wanted.writeUInt32LE(length)
  return X86_64_CODE.usesOf(code, address).flatMap(use => {
    const behind = use - code.address + SIZE
    const at = code.bytes.subarray(0, behind + NEAR).indexOf(wanted, behind)
    return at === -1 ? [] : [{address: use, length: code.address + at}]
  })
}

/** Intel SDM, volume 2: `jne` near and far, behind a `nop` of up to five bytes, by which it keeps within 32 bytes. */
const JNE = `(?:${'\\x90|\\x66\\x90|\\x0f\\x1f\\x00|\\x0f\\x1f\\x40\\x00|\\x0f\\x1f\\x44\\x00\\x00'})?(?:\\x75[\\s\\S]|\\x0f\\x85[\\s\\S]{4})`
/** `cmp` of a number with memory whose address is in a register, without or with REX.B: of 4 bytes, and of one that lies 4 further. */
const COMPARED_FOUR = '\\x41?\\x81[\\x38-\\x3f]'
const COMPARED_FIFTH = '\\x41?\\x80[\\x78-\\x7f]\\x04'

/**
 * As Go's compiler compares a text with a constant one of five letters: first the length, which ends an instruction, then four letters
 * as one number, then the last.
 */
function comparisons({bytes, address}: Code, text: string): {length: number; first: number; last: number}[] {
  if (text.length !== SIZE + 1) throw new RangeError(`"${text}" does not have five letters`)
  const escaped = [...Buffer.from(text)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`)
  const pattern = new RegExp(`\\x05${JNE}${COMPARED_FOUR}(${escaped.slice(0, SIZE).join('')})${JNE}${COMPARED_FIFTH}${escaped[SIZE]}`, 'dg')
  return [...bytes.toString('latin1').matchAll(pattern)].map(match => ({
    length: address + match.index,
    first: address + (match.indices?.[1]?.[0] as number),
    last: address + match.index + match[0].length - 1,
  }))
}

export const X86_64_GO: GoCode = {textsTaken, comparisons}
