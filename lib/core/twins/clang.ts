/**
 * clang and LLVM are one program for all targets, with two things of their own machine: the target that they compile for where
 * nobody names one, and by what clang tells whether it is a cross compiler (LIBRARY_PATH is for others).
 */

import type {ProgramImage} from '../elf/image.js'
import {NotAsExpected} from '../elf/not-as-expected.js'
import type {HostArchitecture} from '../hosts/host.js'

/**
 * LLVM_DEFAULT_TARGET_TRIPLE and LLVM_HOST_TRIPLE of Debian's packages, by Debian's architecture, as libLLVM has them built in; clang
 * says `mips64el-unknown-linux-gnuabi64` of the second. Seen in those of versions 13 to 19.
 */
const DEFAULT_TARGETS: Readonly<Record<string, string>> = {
  arm64: 'aarch64-unknown-linux-gnu',
  mips64el: 'mips64el-linux-gnuabi64',
  ppc64el: 'powerpc64le-unknown-linux-gnu',
  s390x: 's390x-linux-gnu',
}

/**
 * Debian's architectures whose packages have no plugin by which binutils reads LLVM's bytecode: it needs a linker (gold) that binutils does
 * not have for them. BINUTILS_GOLD_ARCHS in debian/rules of llvm-toolchain-14; the rule for ld in profiles/twins/clang.json excepts the same.
 */
const WITHOUT_PLUGIN = ['mips64el']

export const hasPlugin = (architecture: string): boolean => !WITHOUT_PLUGIN.includes(architecture)

export const isLlvmLibrary = (path: string): boolean => /\/libLLVM(-\d+)?\.so\.[\d.]+$/.test(path)

export const isClangLibrary = (path: string): boolean => /(^|\/)libclang-cpp\.so\.[\d.]+$/.test(path)

/** llvm::sys::getDefaultTargetTriple and getProcessTriple: each makes a string of the host's. */
const STRINGS = 2

/** Makes libLLVM's default target the target's own. Throws NotAsExpected where it is not known, or not what was expected. */
export function makeLlvmNative(image: ProgramImage, {machineName, stringCode}: HostArchitecture, architecture: string): void {
  const own = defaultTarget(architecture)
  const [address, other] = image.textAddresses(machineName)
  const made = address === undefined || stringCode === undefined ? [] : image.madeStrings(stringCode, address, machineName)
  if (stringCode === undefined || other !== undefined || made.length !== STRINGS) {
    throw new NotAsExpected(`"${machineName}" is not where it could be made "${own}"`)
  }
  const length = Buffer.alloc(4)
  length.writeUInt32LE(own.length)
  const added = image.addText(own)
  for (const one of made) {
    image.setBytes(one.length, [...length])
    image.setBytes(one.copy, [...stringCode.copying(one, added)])
  }
}

/** Makes clang take the target's machine for its own: clang/lib/Driver/ToolChain.cpp, isCrossCompiling. Throws NotAsExpected. */
export function makeClangNative(image: ProgramImage, {machineName}: HostArchitecture, architecture: string): void {
  const own = defaultTarget(architecture)
  if (image.replaceText(machineName, own) === 0) throw new NotAsExpected(`"${machineName}" is not where it could be made "${own}"`)
}

function defaultTarget(architecture: string): string {
  const target = DEFAULT_TARGETS[architecture]
  if (target === undefined) throw new NotAsExpected(`which target clang of ${architecture} compiles for is not known`)
  return target
}
