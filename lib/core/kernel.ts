/** What a kernel takes, and can, as far as its version alone tells. */

/** Bytes of a path, its NUL included. <linux/limits.h> */
export const PATH_MAX = 4096

/** Bytes of a name in a directory. <linux/limits.h> */
export const NAME_MAX = 255

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
