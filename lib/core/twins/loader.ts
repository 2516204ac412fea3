/**
 * What a dynamic loader of glibc's finds out anew at each start, and need not. x86-64 alone: it asks the processor what
 * it can do, some twenty instructions (CPUID) that a virtual machine's host has to answer, a third of the time that a
 * small program takes to start. Its own data has room for the answers, and where they stand it does not ask
 * (sysdeps/x86/dl-get-cpu-features.c: only while `basic.kind` is unknown, which is 0).
 */

import {ProgramImage} from '../elf/image.js'
import {type ElfImage, parseImage, symbolAddress} from '../elf/sections.js'

/** What `ld.so --list-diagnostics` says of the processor: elf/dl-diagnostics-cpu.c; each field in the order of its place. */
const FEATURE = /^x86\.cpu_features\.(\S+)=0x([0-9a-f]{1,16})$/gm

/** Bits 24 to 31 are the number of the processor that was asked, and nothing else looks at them: Intel SDM, CPUID, EAX=1, EBX. */
const LOCAL_NUMBER = {field: 'features[0x0].cpuid[0x1]', mask: 0xffffffn}

export interface CpuField {
  name: string
  value: bigint
}

/**
 * The versions in which nothing but this follows from asking: the rest of `_rtld_global_ro` was compared, word by word.
 * 2.41 chooses functions as well.
 */
const VERSIONS = ['2.36']
const VERSION = /^version\.version="(.*)"$/m

/**
 * The fields of `struct cpu_features`; those of one machine's processors are the same. None for other architectures, and
 * for versions that are not known.
 */
export function cpuFields(diagnostics: string): CpuField[] {
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

/** The struct as it lies in memory. */
export function cpuFeatures(fields: readonly CpuField[]): Buffer {
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

/** Where a loader keeps them: what its `_dl_x86_get_cpu_features` returns. undefined: it is none that this is for. */
function featuresAddress(program: ProgramImage, image: ElfImage): number | undefined {
  const getter = symbolAddress(image, '_dl_x86_get_cpu_features')
  const at = getter === undefined ? undefined : program.offset(getter)
  if (getter === undefined || at === undefined) return undefined
  const code = program.bytes.subarray(at, at + 12)
  const lea = code.subarray(0, 4).equals(ENDBR64) ? 4 : 0
  if (code.length < 12 || !code.subarray(lea, lea + 3).equals(LEA) || code[lea + 7] !== RET) return undefined
  return getter + lea + 7 + code.readInt32LE(lea + 3)
}

/**
 * The loader with the processor's features written where it would keep them. undefined where the place is not found, or
 * is not empty. Whether it is right, the loader tells: its own diagnostics have to be the same again.
 */
export function withCpuFeatures(loader: Buffer, fields: readonly CpuField[]): Buffer | undefined {
  const image = parseImage(loader)
  if (image?.bits !== 64 || image.endian !== 'little') return undefined
  const program = ProgramImage.of(Buffer.from(loader))
  if (!program) return undefined
  const address = featuresAddress(program, image)
  const at = address === undefined ? undefined : program.offset(address)
  const features = cpuFeatures(fields)
  if (at === undefined || features.length === 0) return undefined
  const place = program.bytes.subarray(at, at + features.length)
  if (place.length < features.length || place.some(byte => byte !== 0)) return undefined
  features.copy(place)
  return program.bytes
}

/**
 * elf/dl-tunables.h and dl-tunable-types.h, struct _tunable: name, type, least and greatest value, in later versions the
 * default, then the value and whether it was set, each a multiple of 8 bytes. How far one is from the next tells which.
 */
const TUNABLES = [
  {size: 112, value: 0, isSet: 8},
  {size: 136, value: 16, isSet: 32},
] as const

/** A greatest value that is no limit, as those of all sizes are. */
const NO_LIMIT = Buffer.alloc(8, 0xff)
const TUNABLE = Buffer.from('glibc.')

/**
 * The loader with tunables (sizes) set, as GLIBC_TUNABLES would set them, but neither seen nor inherited by anybody.
 * undefined where its list is not one that this is for.
 */
export function withTunables(loader: Buffer, tunables: Readonly<Record<string, number>>): Buffer | undefined {
  const changed = Buffer.from(loader)
  for (const [name, value] of Object.entries(tunables)) {
    const start = changed.indexOf(`${name}\0`)
    const limit = changed.indexOf(NO_LIMIT, start)
    const next = changed.indexOf(TUNABLE, start + TUNABLE.length)
    const layout = TUNABLES.find(({size}) => next - start === size)
    if (start === -1 || limit === -1 || limit > next || !layout) return undefined
    changed.writeBigUInt64LE(BigInt(value), limit + NO_LIMIT.length + layout.value)
    changed[limit + NO_LIMIT.length + layout.isSet] = 1
  }
  return changed
}
