import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {type AvailablePackage, parseIndex, preferences} from '../core/debian/pins.js'
import {writeFileSafely} from '../host/files.js'
import {run} from '../host/run.js'

/** apt keeps the indices that it has read in one directory, compressed or not as it likes; its helper reads them all. */
const LISTS = 'var/lib/apt/lists'
const APT_HELPER = '/usr/lib/apt/apt-helper'

/** Makes apt choose, for a twin set in the making, the versions that a root of the target's architecture gets. */
export async function pinTwins(tree: string, host: string, target: string): Promise<void> {
  const [twins, root] = await Promise.all([readIndices(tree, host), readIndices(tree, target)])
  await writeFileSafely(join(tree, 'etc/apt/preferences.d/xbuild-env'), preferences(twins, root))
}

/** An index has fifty megabytes, of which a tenth is needed: less to read here. `$1` is the helper, `$2` the file. */
const READ_INDEX = '"$1" cat-file "$2" | grep -E "^(Package:|Version:|Source:|$)"'

/** All packages that an architecture has in the tree's indices: files named `…_binary-<architecture>_Packages[.xz …]`. */
async function readIndices(tree: string, architecture: string): Promise<AvailablePackage[]> {
  const names = (await readdir(join(tree, LISTS))).filter(name => name.includes(`_binary-${architecture}_Packages`))
  const texts = await Promise.all(
    names.map(async name => (await run('sh', ['-c', READ_INDEX, 'read-index', APT_HELPER, join(tree, LISTS, name)])).stdout),
  )
  return texts.flatMap(parseIndex)
}
