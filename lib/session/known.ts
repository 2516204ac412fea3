import {randomBytes} from 'node:crypto'
import {readdirSync, rmSync, watch} from 'node:fs'
import {userInfo} from 'node:os'
import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {parseSessionRecord, SESSION_ID, type SessionRecord} from '../core/session/record.js'
import type {Store} from '../environment/store.js'
import {Tree, valueOrNone} from '../host/beneath.js'
import {isNotKept, isThere, makeDirectoryAtOnce, writeFileAtOnce} from '../host/files.js'
import {beganAt, pidSpace} from '../host/processes.js'

/** Bytes: a thousand binds and a long command. */
const LIMIT = 2 ** 20

export const socketOf = ({sessions}: Store, id: string) => join(sessions, `${id}.socket`)
const fileOf = ({sessions}: Store, id: string) => join(sessions, `${id}.json`)

export type Described = Omit<SessionRecord, 'id' | 'pid' | 'began' | 'space' | 'user' | 'since'>

/** A session that is about to be made: known from now on, by this process until there is another that holds it. */
export function announce(store: Store, described: Described, id = randomBytes(4).toString('hex')): SessionRecord {
  const {pid} = process
  const since = new Date().toISOString()
  const record = {...described, id, pid, began: beganAt(pid) ?? '', space: pidSpace(), user: userInfo().username, since}
  makeDirectoryAtOnce(store.sessions, 0o700)
  write(store, record)
  return record
}

/** The same of an ephemeral session, which goes on where nothing can be kept: nobody is told of it then, nor joins it. */
export function announceIfKept(store: Store, described: Described): SessionRecord | undefined {
  try {
    return announce(store, described)
  } catch (error) {
    if (isNotKept(error)) return undefined
    throw error
  }
}

/** From now on another process holds it. Where that cannot be kept, this one does, for as long as it lives. */
export function handOver(store: Store, record: SessionRecord, pid: number): void {
  try {
    write(store, {...record, pid, began: beganAt(pid) ?? ''})
  } catch (error) {
    if (!isNotKept(error)) throw error
  }
}

const write = (store: Store, record: SessionRecord): void => writeFileAtOnce(fileOf(store, record.id), `${JSON.stringify(record)}\n`, 0o600)

/** It has ended. */
export function forget(store: Store, id: string): void {
  for (const path of [fileOf(store, id), socketOf(store, id)]) rmSync(path, {force: true})
}

/** Those that run, the oldest first. What killed ones left is removed. */
export function knownSessions(store: Store): SessionRecord[] {
  if (!isThere(store.sessions)) return []
  const tree = new Tree([store.sessions], 'refused')
  const ids = readdirSync(store.sessions).flatMap(name => /^([0-9a-f]{8})\.json$/.exec(name)?.[1] ?? [])
  const records = ids.flatMap(id => {
    const text = valueOrNone(tree.read(`${id}.json`, LIMIT))
    const record = text === undefined ? undefined : parseSessionRecord(text.toString())
    if (record && record.id === id && record.space !== pidSpace()) return [] // nobody here can tell whether it runs
    if (record && record.id === id && beganAt(record.pid) === record.began) return [record]
    forget(store, id)
    return []
  })
  return records.sort((a, b) => (a.since < b.since ? -1 : 1))
}

/**
 * Waits until something comes of what changes in the directory of sessions, at most so many ms: a session becomes known, or can
 * be joined.
 */
export async function awaitSession<T>(store: Store, look: () => T | undefined, most: number): Promise<T | undefined> {
  makeDirectoryAtOnce(store.sessions, 0o700)
  return new Promise((resolve, reject) => {
    const watcher = watch(store.sessions)
    const end = (found: T | undefined) => {
      clearTimeout(timer)
      watcher.close()
      resolve(found)
    }
    const tryOnce = () => {
      const found = look()
      if (found !== undefined) end(found)
    }
    const timer = setTimeout(() => end(look()), most)
    watcher.on('change', tryOnce)
    watcher.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    tryOnce() // the watch comes before the first look, so that no change falls between the two
  })
}

/** Throws `unknown-session`. */
export function findSession(store: Store, id: string): SessionRecord {
  const found = SESSION_ID.test(id) ? knownSessions(store).find(session => session.id === id) : undefined
  if (found) return found
  throw new XbuildError('unknown-session', `there is no session "${id}"`, {hint: '"xbuild-env ps" lists those that run'})
}
