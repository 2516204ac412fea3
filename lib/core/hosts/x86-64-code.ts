import type {Code, MachineCode} from './host.js'

/** Opcodes: Intel SDM, volume 2. */
const LEA = 0x8d
/** `mov imm32, register`: and the register's number. */
const MOV = 0xb8

/** Registers of the first two arguments, as instructions number them: System V ABI, x86-64 supplement. */
const REGISTERS = {first: 7, second: 6} as const

/** `lea displacement(%rip), register` of 64 bits (REX.W 8D /r with ModRM 00 … 101), by its opcode's place. */
const isLea = (code: Buffer, at: number) =>
  at > 0 && at + 6 <= code.length && ((code[at - 1] as number) & 0xf8) === 0x48 && ((code[at + 1] as number) & 0xc7) === 0x05

/** Bytes: of a displacement or a number. */
const SIZE = 4

function usesOf({bytes, address: start}: Code, address: number): number[] {
  const uses: number[] = []
  for (let at = bytes.indexOf(LEA); at !== -1; at = bytes.indexOf(LEA, at + 1)) {
    if (isLea(bytes, at) && start + at + 2 + SIZE + bytes.readInt32LE(at + 2) === address) uses.push(start + at + 2)
  }
  return uses
}

function useOf(place: number, address: number): Buffer {
  const displacement = Buffer.alloc(SIZE)
  displacement.writeInt32LE(address - place - SIZE)
  return displacement
}

function taken({bytes, address, isFixed}: Code): number[] {
  const found: number[] = []
  for (let at = 1; at + 1 + SIZE <= bytes.length; at++) {
    const opcode = bytes[at] as number
    if (opcode === LEA && isLea(bytes, at)) found.push(address + at + 2 + SIZE + bytes.readInt32LE(at + 2))
    if (isFixed && (opcode & 0xf8) === MOV) found.push(bytes.readUInt32LE(at + 1))
  }
  return found
}

function argumentsOf({bytes, address: start}: Code, address: number, which: 'first' | 'second'): number[] {
  const wanted = Buffer.concat([Buffer.of(MOV + REGISTERS[which]), argumentOf(address)])
  const found: number[] = []
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found.push(start + at + 1)
  return found
}

function argumentOf(address: number): Buffer {
  const number = Buffer.alloc(SIZE)
  number.writeUInt32LE(address)
  return number
}

export const X86_64_CODE: MachineCode = {usesOf, useOf, taken, argumentsOf, argumentOf}
