import {join} from 'node:path'
import {type IndexedBinary, parseBinaries} from '../core/debian/binary-index.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {Tree, valueOrNone} from '../host/beneath.js'

/** Bytes: of an index, as Debian's of all its packages has 50 MB. */
const INDEX_LIMIT = 2 ** 28

/** What the repository has that an environment goes by: packages by their names; none where there is no repository. */
export function builtBefore({repository, suite}: EnvironmentRecord, architecture: string): ReadonlyMap<string, IndexedBinary> {
  if (repository === undefined) return new Map()
  const index = new Tree([repository], 'within').read(join('dists', suite, 'main', `binary-${architecture}`, 'Packages'), INDEX_LIMIT)
  return parseBinaries(valueOrNone(index)?.toString() ?? '')
}
