/** What an architecture that xbuild-env runs on is called: all that a session needs to know of it. */
export interface HostNames {
  debian: string
  /** Where Debian's multiarch keeps its libraries: /usr/lib/<triple>. */
  triple: string
  /** What its bash and make call the machine: cpu-vendor-system. */
  machineName: string
  /** The dynamic loader that its programs name: the processor's supplement of the System V ABI. */
  loader: string
  /** e_machine, <elf.h> */
  machine: number
}

/**
 * All that has to be known of one. A file of this folder for each; where something is not known, the programs that would need it are
 * no twins, and are emulated.
 */
export interface HostArchitecture extends HostNames {
  code: MachineCode
  /** How its C library asks what the processor can do at each start; undefined where that costs nothing. */
  processor: ProcessorFeatures | undefined
  /** undefined where it is not known how to make uname(2)'s function of the C library name another machine. */
  uname: UnameCode | undefined
  /** How Go's compiler has texts in code; undefined where it is not known. */
  goCode: GoCode | undefined
  /** How its C++ compiler makes strings of constants; undefined where it is not known. */
  stringCode: StringCode | undefined
  /** How its math library chooses between functions for more and for less able processors; undefined where it is not known. */
  mathChoices: MathChoices | undefined
  /** The number of clock_gettime(2), for perls without modules. <asm/unistd_64.h>, <asm-generic/unistd.h> */
  clockGettime: number
}

/** Code in memory, from an address on, of a program in which that is an address of the file or, if `isFixed`, of memory too. */
export interface Code {
  bytes: Buffer
  address: number
  isFixed: boolean
}

/** How instructions name addresses. Places are addresses of those bytes of an instruction that hold one. */
export interface MachineCode {
  /** Where an address is taken relative to the instruction. */
  usesOf: (code: Code, address: number) => number[]
  /** The bytes at a place that `usesOf` found, if it is to be another address. */
  useOf: (place: number, address: number) => Buffer
  /** All addresses that are taken. */
  taken: (code: Code) => number[]
  /** Where an address is passed as a function's argument, in code that is not position-independent. */
  argumentsOf: (code: Code, address: number, which: 'first' | 'second') => number[]
  /** The bytes at a place that `argumentsOf` found. */
  argumentOf: (address: number) => Buffer
}

/** Of texts in code that Go's compiler made. All places are addresses. */
export interface GoCode {
  /** Where the code takes the text at an address: the bytes that hold the address, as `usesOf` finds them, and those of its length. */
  textsTaken: (code: Code, address: number, length: number) => {address: number; length: number}[]
  /** Where it compares a text with one of five letters: the bytes of the length, of the first four letters, and of the last. */
  comparisons: (code: Code, text: string) => {length: number; first: number; last: number}[]
}

/** A std::string that code makes of a constant text. All places are addresses. */
export interface MadeString {
  /** 4 bytes: how long it is. */
  length: number
  /** The code that copies the text. */
  copy: number
  /** The instruction that reads the length again. */
  reload: Buffer
}

/** Of `std::string`s of constant texts that are longer than what one holds by itself, 17 to 20 letters. */
export interface StringCode {
  /** Where code makes one of the text at an address. */
  made: (code: Code, address: number, text: string) => MadeString[]
  /** The code at `copy` of one that is made of the text at another address, as long as `length` says. */
  copying: (made: MadeString, address: number) => Buffer
}

/** Where a math library asks whether the processor multiplies and adds in one step, which rounds once instead of twice. */
export interface MathChoices {
  /** Places in the code: a byte at each is the bit that is looked at; where it is 0, the answer is no. */
  asks: (code: Code) => number[]
}

export interface CpuField {
  name: string
  value: bigint
}

export interface ProcessorFeatures {
  /** Of what `ld.so --list-diagnostics` says, the fields that the loader keeps; none of a version that is not known. */
  fields: (diagnostics: string) => CpuField[]
  /** As they lie in memory. */
  bytes: (fields: readonly CpuField[]) => Buffer
  /** The function of the loader that returns where it keeps them. */
  getter: string
  /** What that function returns, relative to its own address; undefined where it is none that this is for. */
  returned: (code: Buffer) => number | undefined
}

/** uname() of a C library, its code with the room behind it. */
export interface UnameCode {
  /** Bytes. */
  size: number
  /** The code of one that also writes the machine's name; undefined where the function is another one, or the name is too long. */
  naming: (code: Buffer, machine: string) => Buffer | undefined
  isNaming: (code: Buffer, machine: string) => boolean
}
