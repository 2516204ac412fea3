import type {Code, MadeString, StringCode} from './host.js'

/** Bytes: of a displacement or a number. */
const SIZE = 4
/** What one register of the vector unit holds. */
const WIDE = 16

const escaped = (bytes: Buffer) => [...bytes].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')

/** As many bytes before and behind the copy belong to it. */
const BEFORE = 96
const BEHIND = 64

/**
 * clang 13 to 19 with libstdc++, at the address of the copy's first instruction:
 *   movq $LENGTH, SLOT(%rsp) …; call std::string::_M_create; …; mov SLOT(%rsp), %rcx; mov %rcx, CAPACITY(%rsp)
 *   movups TEXT(%rip), %xmm0; movups %xmm0, (%rax); movl $END, LENGTH-4(%rax)
 *   mov %rcx, SIZE(%rsp); mov BYTES(%rsp), %rax; movb $0, (%rax,%rcx,1)
 *   mov or lea …, %rdi; mov …, %rsi; call
 * so that %rsi and %rdi are free at the copy. Intel SDM, volume 2.
 */
function pattern(text: string): RegExp {
  const [length, tail] = [Buffer.alloc(SIZE), Buffer.from(text.slice(-SIZE), 'latin1')]
  length.writeUInt32LE(text.length)
  const any = (count: number) => `[\\s\\S]{${count}}`
  const stored = `(?:\\x4c\\x24${any(1)}|\\x8c\\x24${any(4)})`
  return new RegExp(
    [
      `\\x48\\xc7(?:\\x04\\x24|\\x44\\x24(${any(1)}))(${escaped(length)})[\\s\\S]{0,48}`,
      `(\\x48\\x8b(?:\\x0c\\x24|\\x4c\\x24(${any(1)})))\\x48\\x89${stored}`,
      `(\\x0f\\x10\\x05${any(SIZE)}\\x0f\\x11\\x00\\xc7\\x40\\x${(text.length - SIZE).toString(16).padStart(2, '0')}${escaped(tail)})`,
      `\\x48\\x89${stored}\\x48\\x8b(?:\\x44\\x24${any(1)}|\\x84\\x24${any(4)})\\xc6\\x04\\x08\\x00`,
      `(?:\\x48\\x89\\xdf|\\x48\\x8d\\xbc\\x24${any(4)})(?:\\x4c\\x89\\xf6|\\x48\\x89\\xde)\\xe8`,
    ].join(''),
    'd',
  )
}

/** movups displacement(%rip), %xmm0; movups %xmm0, (%rax) */
const LOAD = Buffer.from('0f1005', 'hex')
const STORE = Buffer.from('0f1100', 'hex')

function made({bytes, address: start}: Code, address: number, text: string): MadeString[] {
  if (text.length <= WIDE || text.length > WIDE + SIZE) throw new RangeError(`"${text}" is not made a string in such a way`)
  const [wanted, found]: [RegExp, MadeString[]] = [pattern(text), []]
  for (let at = bytes.indexOf(LOAD); at !== -1; at = bytes.indexOf(LOAD, at + 1)) {
    const store = at + LOAD.length + SIZE
    if (!bytes.subarray(store, store + STORE.length).equals(STORE)) continue
    if (start + store + bytes.readInt32LE(at + LOAD.length) !== address) continue
    const from = Math.max(0, at - BEFORE)
    const match = wanted.exec(bytes.toString('latin1', from, at + BEHIND))
    const [length, copy] = [match?.indices?.[2]?.[0], match?.indices?.[5]?.[0]]
    if (!match || length === undefined || copy !== at - from || match[1] !== match[4]) continue
    found.push({length: start + from + length, copy: start + at, reload: Buffer.from(match[3] as string, 'latin1')})
  }
  return found
}

/** Bytes of the copy: two instructions through a vector register, one of a number. */
const COPY_SIZE = 17
/** lea displacement(%rip), %rsi */
const TAKE = Buffer.from('488d35', 'hex')
/** mov %rax, %rdi; rep movsb, which counts %rcx down */
const MOVE = Buffer.from('4889c7f3a4', 'hex')
const NOP = 0x90

function copying({copy, reload}: MadeString, address: number): Buffer {
  const displacement = Buffer.alloc(SIZE)
  displacement.writeInt32LE(address - copy - TAKE.length - SIZE)
  const code = Buffer.concat([TAKE, displacement, MOVE, reload])
  return Buffer.concat([code, Buffer.alloc(COPY_SIZE - code.length, NOP)])
}

export const X86_64_STRINGS: StringCode = {made, copying}
