import type {CpuField, ProcessorFeatures} from './host.js'

/** What `ld.so --list-diagnostics` says of the processor: elf/dl-diagnostics-cpu.c; each field in the order of its place. */
const FEATURE = /^x86\.cpu_features\.(\S+)=0x([0-9a-f]{1,16})$/gm

/** Bits 24 to 31 are the number of the processor that was asked, and nothing else looks at them: Intel SDM, CPUID, EAX=1, EBX. */
const LOCAL_NUMBER = {field: 'features[0x0].cpuid[0x1]', mask: 0xffffffn}

/**
 * The versions in which nothing but this follows from asking: the rest of `_rtld_global_ro` was compared, word by word.
 * 2.41 chooses functions as well.
 */
const VERSIONS = ['2.36']
const VERSION = /^version\.version="(.*)"$/m

/** The fields of `struct cpu_features`; those of one machine's processors are the same. */
function fieldsOf(diagnostics: string): CpuField[] {
  if (!VERSIONS.includes(VERSION.exec(diagnostics)?.[1] ?? '')) return []
  return [...diagnostics.matchAll(FEATURE)].map(([, name, digits]) => {
    const value = BigInt(`0x${digits}`)
    return {name: String(name), value: name === LOCAL_NUMBER.field ? value & LOCAL_NUMBER.mask : value}
  })
}

/** sysdeps/x86/include/cpu-features.h: `unsigned int`; the others are `unsigned long int`, at a multiple of their size. */
const SHORT = /^basic\.|^features\[|^isa_1$|_full_size$/

/** One bit each, in the order in which they are printed: cpu-features-preferred_feature_index_1.def. */
const BIT = /^preferred\./

function bytesOf(fields: readonly CpuField[]): Buffer {
  const bytes = Buffer.alloc(8 * fields.length + 8)
  let end = 0
  let bit = 0
  for (const {name, value} of fields) {
    if (BIT.test(name)) {
      if (bit === 0) end += 4
      if (value !== 0n) bytes.writeUInt32LE((bytes.readUInt32LE(end - 4) | (1 << bit)) >>> 0, end - 4)
      bit++
    } else if (SHORT.test(name)) {
      end = bytes.writeUInt32LE(Number(BigInt.asUintN(32, value)), end)
    } else {
      end = bytes.writeBigUInt64LE(value, Math.ceil(end / 8) * 8)
    }
  }
  return bytes.subarray(0, end)
}

/** `endbr64`, where a compiler puts it; `lea displacement(%rip), %rax`; `ret`: Intel SDM, volume 2. */
const ENDBR64 = Buffer.from('f30f1efa', 'hex')
const LEA = Buffer.from('488d05', 'hex')
const RET = 0xc3

function returned(code: Buffer): number | undefined {
  const lea = code.subarray(0, 4).equals(ENDBR64) ? 4 : 0
  if (code.length < lea + 8 || !code.subarray(lea, lea + 3).equals(LEA) || code[lea + 7] !== RET) return undefined
  return lea + 7 + code.readInt32LE(lea + 3)
}

/**
 * A loader of glibc's asks the processor what it can do, some twenty instructions (CPUID) that a virtual machine's host has to
 * answer, a third of the time that a small program takes to start. Where the answers stand in its own data it does not ask
 * (sysdeps/x86/dl-get-cpu-features.c: only while `basic.kind` is unknown, which is 0).
 */
export const X86_64_PROCESSOR: ProcessorFeatures = {fields: fieldsOf, bytes: bytesOf, getter: '_dl_x86_get_cpu_features', returned}
