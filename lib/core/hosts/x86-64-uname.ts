import type {UnameCode} from './host.js'

/** Offset of `machine` in `struct utsname`: the fifth of six texts of 65 bytes, uname(2). */
const MACHINE = 4 * 65

/**
 * uname() of glibc 2.36 and 2.41, sysdeps/unix/syscall-template.S, up to the number by which it finds errno, and after it:
 * mov $63,%eax; syscall; cmp $-4095,%rax; jae 1f; ret; 1: mov errno@gottpoff(%rip),%rcx …
 */
const HEAD = Buffer.from('b83f0000000f05483d01f0ffff7301c3488b0d', 'hex')
/** neg %eax; mov %eax,%fs:(%rcx); or $-1,%rax; ret */
const TAIL = Buffer.from('f7d86489014883c8ffc3', 'hex')
/** nops of 10 and of 5 bytes: the assembler's, up to the next function, at a multiple of 16. */
const PADDING = Buffer.from('662e0f1f8400000000000f1f440000', 'hex')

/** mov $63,%eax; syscall; test %eax,%eax; jne error; movabs $MACHINE,%rcx */
const NAMING_HEAD = Buffer.from('b83f0000000f0585c0751248b9', 'hex')
/** mov %rcx,machine(%rdi); ret; error: mov errno@gottpoff(%rip),%rcx */
const NAMING_MIDDLE = Buffer.from('48898f00000000c3488b0d', 'hex')
NAMING_MIDDLE.writeUInt32LE(MACHINE, 3)

/** What one register holds, the NUL included. */
const NAME_SIZE = 8
const DISPLACEMENT_SIZE = 4

/** Where the displacement to errno's place stands in either function: it counts from the byte behind it. */
const PLAIN_AT = HEAD.length
const NAMING_AT = NAMING_HEAD.length + NAME_SIZE + NAMING_MIDDLE.length

const SIZE = PLAIN_AT + DISPLACEMENT_SIZE + TAIL.length + PADDING.length

function naming(code: Buffer, machine: string): Buffer | undefined {
  if (machine.length >= NAME_SIZE || !isPlain(code)) return undefined
  const displacement = code.readInt32LE(PLAIN_AT)
  return namingFunction(machine, displacement + PLAIN_AT - NAMING_AT)
}

const isNaming = (code: Buffer, machine: string) =>
  machine.length < NAME_SIZE && code.subarray(0, NAMING_AT).equals(namingFunction(machine, 0).subarray(0, NAMING_AT))

function namingFunction(machine: string, displacement: number): Buffer {
  const [name, toErrno] = [Buffer.alloc(NAME_SIZE), Buffer.alloc(DISPLACEMENT_SIZE)]
  name.write(machine, 'latin1')
  toErrno.writeInt32LE(displacement)
  return Buffer.concat([NAMING_HEAD, name, NAMING_MIDDLE, toErrno, TAIL])
}

function isPlain(code: Buffer): boolean {
  const [tail, padding] = [PLAIN_AT + DISPLACEMENT_SIZE, SIZE - PADDING.length]
  return code.subarray(0, PLAIN_AT).equals(HEAD) && code.subarray(tail, padding).equals(TAIL) && code.subarray(padding).equals(PADDING)
}

export const X86_64_UNAME: UnameCode = {size: SIZE, naming, isNaming}
