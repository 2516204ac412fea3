import {readFile} from 'node:fs/promises'
import {userInfo} from 'node:os'
import {XbuildError} from '../core/errors.js'
import type {IdMap, IdRange} from '../core/session/plan.js'
import {giveIds, IDS_NEEDED, nameUser, parseSubordinates, type SubordinateFiles} from '../core/session/subordinate-ids.js'
import {readFileIfThere} from './files.js'

/** Undefined where the system does not know the user, as in containers that are run as some number. */
export function userName(): string | undefined {
  try {
    return userInfo().username
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR') return undefined
    throw error
  }
}

export async function readSubordinateFiles(): Promise<SubordinateFiles> {
  const [subuid = '', subgid = '', loginDefs = ''] = await Promise.all(
    ['/etc/subuid', '/etc/subgid', '/etc/login.defs'].map(path => readFileIfThere(path)),
  )
  return {subuid, subgid, loginDefs}
}

/** The ids that root may give away, each to itself: all, unless root is a container's. man 7 user_namespaces, uid_map */
async function ownIds(file: string): Promise<IdRange[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  return lines.flatMap(line => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
    return inside < IDS_NEEDED ? [{inside, outside: inside, count: Math.min(count, IDS_NEEDED - inside)}] : []
  })
}

/**
 * The session's root is the user who runs xbuild-env, so that files in a project stay the user's; the others are the
 * user's subordinate ids, or for root the ids themselves. Throws `no-subordinate-ids`.
 */
export async function idMap(): Promise<IdMap> {
  const uid = process.geteuid?.() ?? 0
  const gid = process.getegid?.() ?? 0
  if (uid === 0) {
    const [uids, gids] = await Promise.all([ownIds('/proc/self/uid_map'), ownIds('/proc/self/gid_map')])
    return {way: 'direct', uids, gids}
  }
  const user = userName()
  if (user === undefined) {
    throw await noSubordinateIds(`the user ${uid} has no name here, and so no subordinate ids`, 'give it both', nameUser(uid, gid))
  }
  const files = await readSubordinateFiles()
  const [uids, gids] = [parseSubordinates(files.subuid, user, uid), parseSubordinates(files.subgid, user, uid)]
  if (!uids || !gids) {
    const what = `${user} has no subordinate ids in ${uids ? '/etc/subgid' : '/etc/subuid'}`
    throw await noSubordinateIds(what, 'give it some', giveIds(files, user, uid))
  }
  return {
    way: 'newuidmap',
    uids: [{inside: 0, outside: uid, count: 1}, uids],
    gids: [{inside: 0, outside: gid, count: 1}, gids],
  }
}

async function noSubordinateIds(what: string, advice: string, command: readonly string[]): Promise<XbuildError> {
  const [{asRoot}, {rootAccess}] = await Promise.all([import('../core/as-root.js'), import('./root-access.js')])
  return new XbuildError('no-subordinate-ids', what, {hint: `${advice}: ${asRoot(rootAccess(), command)}`})
}
