import {type BigIntStats, lstatSync} from 'node:fs'
import {type FileIdentity, inodePart} from '../core/file-identity.js'

/** Of a file that was looked at. */
export const identityOf = (status: BigIntStats): FileIdentity => ({
  size: Number(status.size),
  mtime: String(status.mtimeNs),
  fixed: {ctime: String(status.ctimeNs), inode: inodePart(status.ino)},
})

/** undefined where the path is no file, or cannot be looked at. */
export function fileIdentity(path: string): FileIdentity | undefined {
  try {
    const status = lstatSync(path, {bigint: true, throwIfNoEntry: false})
    return status?.isFile() ? identityOf(status) : undefined
  } catch {
    return undefined
  }
}
