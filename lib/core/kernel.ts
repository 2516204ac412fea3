/** What a kernel can, as far as its version alone tells. */

/** An instance of binfmt_misc for each user namespace: kernel commit 21ca59b365c0. */
export const KERNEL_PRIVATE_BINFMT = '6.7'

/** Whether a version begins with numbers that are at least the others. */
export function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(/[.-]/).map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/** `kernel` as `uname -r` says. */
export const hasPrivateBinfmt = (kernel: string) => isAtLeast(kernel, KERNEL_PRIVATE_BINFMT)
