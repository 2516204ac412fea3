import {readFile} from 'node:fs/promises'
import {userInfo} from 'node:os'
import {XbuildError} from '../core/errors.js'
import type {IdMap, IdRange} from '../core/plan.js'
import {readFileIfThere} from './files.js'

/** As many users as Debian needs: Policy 9.2.2 counts up to 65535 (nobody is 65534). */
const USERS = 65536

/** The user's first range of at least `USERS` ids. man 5 subuid: `user:first:count`, the user by name or number. */
export function parseSubordinates(text: string, user: string, uid: number): IdRange | undefined {
  for (const line of text.split('\n')) {
    const [name, first, count] = line.trim().split(':')
    if (name !== user && name !== String(uid)) continue
    const range = {inside: 1, outside: Number(first), count: Number(count)}
    if (Number.isInteger(range.outside) && range.count >= USERS - 1) return {...range, count: USERS - 1}
  }
  return undefined
}

async function subordinates(file: string, user: string, uid: number): Promise<IdRange> {
  const range = parseSubordinates((await readFileIfThere(file)) ?? '', user, uid)
  if (range) return range
  throw new XbuildError('no-subordinate-ids', `${user} has no subordinate ids in ${file}`, {
    hint: `as root, give it some: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`,
  })
}

/** The ids that root may give away, each to itself: all, unless root is a container's. man 7 user_namespaces, uid_map */
async function ownIds(file: string): Promise<IdRange[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  return lines.flatMap(line => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
    return inside < USERS ? [{inside, outside: inside, count: Math.min(count, USERS - inside)}] : []
  })
}

/**
 * The session's root is the user who runs xbuild-env, so that files in a project stay the user's; the others are the
 * user's subordinate ids, or for root the ids themselves.
 */
export async function idMap(): Promise<IdMap> {
  const uid = process.geteuid?.() ?? 0
  const gid = process.getegid?.() ?? 0
  if (uid === 0) {
    const [uids, gids] = await Promise.all([ownIds('/proc/self/uid_map'), ownIds('/proc/self/gid_map')])
    return {way: 'direct', uids, gids}
  }
  const user = userInfo().username
  const uids = await subordinates('/etc/subuid', user, uid)
  const gids = await subordinates('/etc/subgid', user, uid)
  return {
    way: 'newuidmap',
    uids: [{inside: 0, outside: uid, count: 1}, uids],
    gids: [{inside: 0, outside: gid, count: 1}, gids],
  }
}
