/** By what a file is known again. Times are in nanoseconds since 1970, as digits: a number of JavaScript is too short. */
export interface FileIdentity {
  /** Bytes. */
  size: number
  mtime: string
  /**
   * What no program can set: the kernel's own time of the last change of anything about the file, and which file it is.
   * Undefined for a stub, which has a time of its own, and in a root in the making, where dpkg unpacks again what was
   * extracted.
   */
  fixed: {ctime: string; inode: number} | undefined
}

/** overlayfs may keep its own marks in the upper half of an inode's number: Documentation/filesystems/overlayfs.rst, xino. */
const INODE_BITS = 32

/** The part of an inode's number that is the same in a session and outside. */
export const inodePart = (inode: bigint): number => Number(BigInt.asUintN(INODE_BITS, inode))

/** Whether a file, as it is now, is the one that a route was made for. */
export function isSameFile(file: FileIdentity, now: FileIdentity): boolean {
  if (file.size !== now.size || file.mtime !== now.mtime) return false
  return file.fixed === undefined || (file.fixed.ctime === now.fixed?.ctime && file.fixed.inode === now.fixed.inode)
}
