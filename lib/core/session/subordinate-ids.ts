import type {IdRange} from './plan.js'

/** Subordinate ids: /etc/subuid and /etc/subgid, man 5 subuid, and who may give them, man 8 usermod. */

/** As many users as Debian needs: Policy 9.2.2 counts up to 65535 (nobody is 65534). */
export const IDS_NEEDED = 65536

interface OwnedRange {
  owner: string
  first: number
  count: number
}

/** `user:first:count`, the user by name or number. What is no such line is left out, as newuidmap does. */
const parseRanges = (text: string): OwnedRange[] =>
  text.split('\n').flatMap(line => {
    const [owner = '', first, count] = line.trim().split(':')
    const range = {owner, first: Number(first), count: Number(count)}
    return first !== undefined && Number.isSafeInteger(range.first) && Number.isSafeInteger(range.count) ? [range] : []
  })

/** The user's longest range; 0: none. */
export const countSubordinates = (text: string, user: string, uid: number): number =>
  Math.max(0, ...parseRanges(text).flatMap(({owner, count}) => (owner === user || owner === String(uid) ? [count] : [])))

/** The user's first range that is long enough, as ids of a session: its 0 is the user. */
export function parseSubordinates(text: string, user: string, uid: number): IdRange | undefined {
  const found = parseRanges(text).find(({owner, count}) => (owner === user || owner === String(uid)) && count >= IDS_NEEDED - 1)
  return found && {inside: 1, outside: found.first, count: IDS_NEEDED - 1}
}

/** Where /etc/login.defs sets no other bounds: man 5 login.defs, SUB_UID_MIN and SUB_UID_MAX, likewise for groups. */
const DEFAULT_BOUNDS = {min: 100_000, max: 600_100_000}

export function parseBounds(loginDefs: string, kind: 'UID' | 'GID'): {min: number; max: number} {
  const value = (name: string) => Number(new RegExp(`^\\s*SUB_${kind}_${name}\\s+(\\d+)`, 'm').exec(loginDefs)?.[1] ?? Number.NaN)
  const [min, max] = [value('MIN'), value('MAX')]
  return {min: Number.isNaN(min) ? DEFAULT_BOUNDS.min : min, max: Number.isNaN(max) ? DEFAULT_BOUNDS.max : max}
}

/** The first id of a range that nobody has in any of the texts; undefined: within the bounds there is none. */
export function findFree(texts: readonly string[], {min, max}: {min: number; max: number}): number | undefined {
  const taken = texts.flatMap(parseRanges).toSorted((a, b) => a.first - b.first)
  let first = min
  for (const range of taken) {
    if (range.first >= first + IDS_NEEDED) break
    first = Math.max(first, range.first + range.count)
  }
  return first + IDS_NEEDED - 1 <= max ? first : undefined
}

export interface SubordinateFiles {
  subuid: string
  subgid: string
  loginDefs: string
}

/**
 * The command that gives a user what is missing, of ids that no other user has; the same numbers for users and groups,
 * where both are missing.
 */
export function giveIds(files: SubordinateFiles, user: string, uid: number): string[] {
  const [lacksUids, lacksGids] = [files.subuid, files.subgid].map(text => parseSubordinates(text, user, uid) === undefined)
  const [uids, gids] = [parseBounds(files.loginDefs, 'UID'), parseBounds(files.loginDefs, 'GID')]
  const both = {min: Math.max(uids.min, gids.min), max: Math.min(uids.max, gids.max)}
  const shared = lacksUids && lacksGids ? findFree([files.subuid, files.subgid], both) : undefined
  const option = (name: string, first: number | undefined) => (first === undefined ? [] : [name, `${first}-${first + IDS_NEEDED - 1}`])
  return [
    'usermod',
    ...(lacksUids ? option('--add-subuids', shared ?? findFree([files.subuid], uids)) : []),
    ...(lacksGids ? option('--add-subgids', shared ?? findFree([files.subgid], gids)) : []),
    user,
  ]
}

/**
 * The command that gives one whom the system does not know a name, and with it subordinate ids: man 8 useradd. newgidmap(1)
 * wants the group to be the user's.
 */
export function nameUser(uid: number, gid: number): string[] {
  const name = `user${uid}`
  return ['sh', '-c', `getent group ${gid} || groupadd --gid ${gid} ${name}; useradd --create-home --uid ${uid} --gid ${gid} ${name}`]
}
