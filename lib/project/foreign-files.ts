import {lstatSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {isForeign, type Owned} from '../core/project/foreign-owner.js'
import type {IdMap} from '../core/session/plan.js'

/** So many files of a tree are looked at: a second's worth. */
const MOST_LOOKED_AT = 100_000

/** What in a tree belongs to a user or group that sessions do not have, the tree itself included, outermost first. */
export function findForeign(tree: string, ids: IdMap): Owned[] {
  const found: Owned[] = []
  const left = [tree]
  for (let looked = 0; looked < MOST_LOOKED_AT && left.length > 0; looked++) {
    const path = left.shift() as string
    const status = lstatSync(path, {throwIfNoEntry: false})
    if (!status) continue
    const owned = {path, uid: status.uid, gid: status.gid}
    if (isForeign(owned, ids)) found.push(owned)
    if (status.isDirectory()) left.push(...namesIn(path).map(name => join(path, name)))
  }
  return found
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // not for us to read
  }
}
