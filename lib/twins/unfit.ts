import {readUnnamed} from './machine-name.js'
import {readScanned} from './scan.js'

/** Why programs and modules of a twin set are no twins, by their paths. `machine`: the target's, in uname(2). */
export async function readUnfit(tree: string, machine: string): Promise<ReadonlyMap<string, string>> {
  const [scanned, unnamed] = await Promise.all([readScanned(tree), readUnnamed(tree, machine)])
  return new Map([...scanned, ...unnamed])
}
