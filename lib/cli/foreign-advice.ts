import {saysForeignOwner} from '../core/project/foreign-owner.js'
import {shellLine} from '../core/shell-words.js'
import {idMap} from '../host/ids.js'
import {findForeign} from '../project/foreign-files.js'

/** Of what belongs to others so much is named. */
const NAMED = 3

/** Where a step could not change what belongs to a user or group that sessions do not have: whose it is, and what to do, as lines. */
export async function adviseForeign(tree: string, output: string): Promise<string[]> {
  if (!saysForeignOwner(output)) return []
  const foreign = findForeign(tree, await idMap())
  if (foreign.length === 0) return []
  const names = foreign.slice(0, NAMED).map(({path}) => path)
  const more = foreign.length > NAMED ? ` and ${foreign.length - NAMED} more` : ''
  return [
    `sessions do not have the owner or group of ${names.join(', ')}${more}, and overlayfs cannot copy such files: "Value too large for defined data type"`,
    foreign.every(({uid}) => uid === process.geteuid?.())
      ? `give them your own group: chgrp -hR "$(id -gn)" ${shellLine([tree])}`
      : `build a copy that is yours: ${shellLine(['cp', '-r', '--preserve=mode,timestamps', tree, `${tree}-own`])}`,
  ]
}
