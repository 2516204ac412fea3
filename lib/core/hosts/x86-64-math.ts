import type {Code, MathChoices} from './host.js'

/**
 * sysdeps/x86_64/fpu/multiarch/ifunc-*.h of glibc 2.36 and 2.41, as gcc has them: the loader's `_rtld_global_ro` is in %rdx, and of it
 * are looked at FMA (bit 12 of a number at 0x9c) and FMA4 (bit 16 of one at 0xdc): Intel SDM and AMD64, CPUID.
 */
const ASKS = [
  Buffer.from('8b8a9c000000f6c510', 'hex'), // mov 0x9c(%rdx), %ecx; test $0x10, %ch
  Buffer.from('f6829d00000010', 'hex'), // testb $0x10, 0x9d(%rdx)
  Buffer.from('f682de00000001', 'hex'), // testb $1, 0xde(%rdx)
]

/** The bit is the last byte of each. */
function asks({bytes, address}: Code): number[] {
  const found: number[] = []
  for (const instruction of ASKS) {
    for (let at = bytes.indexOf(instruction); at !== -1; at = bytes.indexOf(instruction, at + 1)) {
      found.push(address + at + instruction.length - 1)
    }
  }
  return found
}

export const X86_64_MATH: MathChoices = {asks}
