import {readUnnamed} from './machine-name.js'
import {readScanned} from './scan.js'

/** Why programs and modules of a twin set are no twins, by their paths. `machine`: the target's, in uname(2). */
export const readUnfit = (tree: string, machine: string): ReadonlyMap<string, string> =>
  new Map([...readScanned(tree), ...readUnnamed(tree, machine)])
