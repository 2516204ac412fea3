/**
 * What a dynamic loader of glibc's finds out anew at each start, and need not. Its own data has room for the answers, and where
 * they stand it does not ask.
 */

import {ProgramImage} from '../elf/image.js'
import {parseImage, symbolAddress} from '../elf/sections.js'
import type {CpuField, ProcessorFeatures} from '../hosts/host.js'

/**
 * The loader with the processor's features written where it would keep them. undefined where the place is not found, or
 * is not empty. Whether it is right, the loader tells: its own diagnostics have to be the same again.
 */
export function withCpuFeatures(loader: Buffer, fields: readonly CpuField[], processor: ProcessorFeatures): Buffer | undefined {
  const image = parseImage(loader)
  if (image?.bits !== 64 || image.endian !== 'little') return undefined
  const program = ProgramImage.of(Buffer.from(loader))
  const getter = symbolAddress(image, processor.getter)
  if (!program || getter === undefined) return undefined
  const at = placeOfFeatures(program, getter, processor)
  const features = processor.bytes(fields)
  if (at === undefined || features.length === 0) return undefined
  const place = program.bytes.subarray(at, at + features.length)
  if (place.length < features.length || place.some(byte => byte !== 0)) return undefined
  features.copy(place)
  return program.bytes
}

/** Offset in the file of what the function at an address returns the address of. */
function placeOfFeatures(program: ProgramImage, getter: number, processor: ProcessorFeatures): number | undefined {
  const at = program.offset(getter)
  const returned = at === undefined ? undefined : processor.returned(program.bytes.subarray(at))
  return returned === undefined ? undefined : program.offset(getter + returned)
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
