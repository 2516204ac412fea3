/**
 * Results of functions like sin() and pow() are not quite the same where a processor multiplies and adds in one step, which
 * rounds once instead of twice: of a thousand results, one differs in its last bit. The C library chooses by the processor that it runs on.
 */

import type {ProgramImage} from '../elf/image.js'
import {NotAsExpected} from '../elf/not-as-expected.js'
import type {HostArchitecture} from '../hosts/host.js'

/**
 * Debian's architectures whose baseline has such an instruction, and for which gcc uses it of its own accord: __FP_FAST_FMA. Of
 * arm64 it was seen that their results are those of a host with one.
 */
const FUSED = ['arm64', 'loong64', 'powerpc', 'ppc64', 'ppc64el', 'riscv64', 's390x']

/** Makes the host's math library compute as the target's does. Throws NotAsExpected where that is not known. */
export function computeAsTarget(image: ProgramImage, {mathChoices}: HostArchitecture, architecture: string): void {
  if (FUSED.includes(architecture)) return
  const asks = mathChoices === undefined ? [] : image.mathChoices(mathChoices)
  if (asks.length === 0) throw new NotAsExpected('where it asks what the processor can do is not known')
  for (const place of asks) image.setBytes(place, [0])
}
