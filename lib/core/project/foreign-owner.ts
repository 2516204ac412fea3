import type {IdMap, IdRange} from '../session/plan.js'

/**
 * As the C library, python, go and node say EOVERFLOW. overlayfs does where it copies a file up whose owner or group the session's user
 * namespace does not have. man 3 errno
 */
const SAYS = /value too large for defined data type|\bEOVERFLOW\b/i

export const saysForeignOwner = (output: string) => SAYS.test(output)

/** Of a file or directory of a tree. */
export interface Owned {
  path: string
  uid: number
  gid: number
}

const has = (ranges: readonly IdRange[], id: number) => ranges.some(({outside, count}) => id >= outside && id < outside + count)

/** Whether sessions with these ids do not have its owner, or not its group. */
export const isForeign = ({uid, gid}: Owned, {uids, gids}: IdMap) => !has(uids, uid) || !has(gids, gid)
