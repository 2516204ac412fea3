import {NotAsExpected} from '../elf/not-as-expected.js'

export interface Replacement {
  from: string
  /** Not longer than `from`; filled up with slashes, which mean nothing in a path. */
  to: string
}

/** Replaces every occurrence, in place: nothing in the file moves. Throws NotAsExpected where a path is not there. */
export function replacePaths(bytes: Buffer, replacements: readonly Replacement[]): void {
  for (const {from, to} of replacements) {
    if (to.length > from.length) throw new NotAsExpected(`${to} is longer than ${from}`)
    const filled = Buffer.from(to + '/'.repeat(from.length - to.length))
    let found = 0
    for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + from.length)) {
      filled.copy(bytes, at)
      found++
    }
    if (found === 0) throw new NotAsExpected(`${from} is not in the file`)
  }
}
