import {dirname, join} from 'node:path'
import {Tree} from '../host/beneath.js'
import {makeDirectory, writeFileSafely} from '../host/files.js'

/** Why programs and libraries of a tree of twins could not be made the target's, by their absolute paths in it. */
export type Unadapted = ReadonlyMap<string, string>

/** In a tree of twins. */
const FILE = 'var/lib/xbuild-env/unadapted.json'
/** Bytes: a line for each of a hundred thousand programs. */
const LIMIT = 16 * 2 ** 20

export const readUnadapted = (tree: string): Unadapted => readReasons(tree, FILE)

/** Adds to what is noted of a tree already. */
export async function noteUnadapted(tree: string, found: Unadapted): Promise<void> {
  if (found.size > 0) await writeReasons(tree, FILE, new Map([...readUnadapted(tree), ...found]))
}

export async function writeReasons(tree: string, file: string, reasons: ReadonlyMap<string, string>): Promise<void> {
  await makeDirectory(dirname(join(tree, file)))
  await writeFileSafely(join(tree, file), `${JSON.stringify(Object.fromEntries(reasons), null, 1)}\n`)
}

/** Reasons by paths; none where there is no such file. */
export function readReasons(tree: string, file: string): ReadonlyMap<string, string> {
  const text = new Tree([tree], 'refused').read(file, LIMIT)
  if (text.kind !== 'found') return new Map()
  try {
    const found = Object(JSON.parse(text.value.toString())) as Record<string, unknown>
    return new Map(Object.entries(found).map(([path, why]) => [path, String(why)]))
  } catch {
    return new Map() // what an archive brought may be anything
  }
}
