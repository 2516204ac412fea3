import type {Content, Member} from './content.js'
import type {Difference} from './difference.js'

const FIELD = /^Installed-Size: (\d+)$/
const KIB = 1024

/**
 * What a Debian package says of its size: dpkg-gencontrol adds up its files, each in whole KiB (man 5 deb-substvars,
 * Installed-Size). Two builds' fields differ by as much as their files do, and these are judged by themselves.
 */
export function explainInstalledSize(found: readonly Difference[], one: Content, other: Content): Difference[] {
  const [size, otherSize] = [filesSize(one), filesSize(other)]
  if (size === undefined || otherSize === undefined) return [...found]
  const follows = ({cause, lines}: Difference) => {
    const [field, otherField] = [lines?.hybrid, lines?.emulated].map(line => FIELD.exec(line ?? '')?.[1])
    if (cause !== 'none' || field === undefined || otherField === undefined) return false
    return Number(field) - Number(otherField) === size - otherSize
  }
  return found.map(difference => (follows(difference) ? {...difference, cause: 'checksum'} : difference))
}

/** Of a package's files, in KiB; undefined for what is no package. man 5 deb */
function filesSize(content: Content): number | undefined {
  if (content.kind !== 'packed' || content.format !== 'ar') return undefined
  const data = content.members.find(({name}) => /^data\.tar/.test(name))?.content
  return data && tarMembersOf(data).reduce((sum, {size}) => sum + Math.ceil(size / KIB), 0)
}

function tarMembersOf(content: Content): readonly Member[] {
  if (content.kind === 'plain') return []
  if (content.format === 'tar') return content.members
  return content.members.flatMap(({content: packed}) => (packed ? tarMembersOf(packed) : []))
}
