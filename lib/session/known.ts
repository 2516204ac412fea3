import {randomBytes} from 'node:crypto'
import {lstatSync, readdirSync, rmSync, watch} from 'node:fs'
import {userInfo} from 'node:os'
import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {parseSessionRecord, SESSION_ID, type SessionRecord} from '../core/session/record.js'
import type {Store} from '../environment/store.js'
import {Tree, valueOrNone} from '../host/beneath.js'
import {isNotKept, isThere, makeDirectoryAtOnce, writeFileAtOnce} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {beganAt, pidSpace} from '../host/processes.js'

/** Bytes: a thousand binds and a long command. */
const LIMIT = 2 ** 20

/** Of one turn: no later one has the same name. So whoever removes what an ended one left takes nothing else away. */
type Named = Pick<SessionRecord, 'id' | 'turn'>

export const socketOf = ({sessions}: Store, {id, turn}: Named) => join(sessions, `${id}.${turn}.socket`)
const fileOf = ({sessions}: Store, {id, turn}: Named) => join(sessions, `${id}.${turn}.json`)
const FILE = /^([0-9a-f]{8})\.(\d{1,9})\.json$/

export type Described = Omit<SessionRecord, 'id' | 'turn' | 'pid' | 'began' | 'space' | 'user' | 'since'>

const fresh = (): Named => ({id: randomBytes(4).toString('hex'), turn: 0})

/** A session that is about to be made: known from now on, by this process until there is another that holds it. */
export function announce(store: Store, described: Described, {id, turn}: Named = fresh()): SessionRecord {
  const {pid} = process
  const since = new Date().toISOString()
  const record = {...described, id, turn, pid, began: beganAt(pid) ?? '', space: pidSpace(), user: userInfo().username, since}
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

const write = (store: Store, record: SessionRecord): void => writeFileAtOnce(fileOf(store, record), `${JSON.stringify(record)}\n`, 0o600)

/** It has ended. */
export function forget(store: Store, named: Named): void {
  for (const path of [fileOf(store, named), socketOf(store, named)]) remove(path)
}

/** A directory, which nobody here has made, stays. */
function remove(path: string): void {
  try {
    rmSync(path, {force: true})
  } catch (error) {
    if (isThere(path) && !lstatSync(path).isDirectory()) throw error
  }
}

/** Those that run, the oldest first. What killed ones left is removed. */
export function knownSessions(store: Store): SessionRecord[] {
  if (!isThere(store.sessions)) return []
  const tree = new Tree([store.sessions], 'refused')
  const names = readdirSync(store.sessions)
  sweep(store, names)
  const records = names.flatMap(name => {
    const [, id, turn] = FILE.exec(name) ?? []
    if (id === undefined) return []
    const text = valueOrNone(tree.read(name, LIMIT))
    const record = text === undefined ? undefined : parseSessionRecord(text.toString())
    const isItsOwn = record?.id === id && record.turn === Number(turn)
    if (isItsOwn && record.space !== pidSpace()) return [] // nobody here can tell whether it runs
    if (isItsOwn && beganAt(record.pid) === record.began) return [record]
    forget(store, {id, turn: Number(turn)})
    return []
  })
  return records.sort((a, b) => (a.since < b.since ? -1 : 1))
}

/** ms: what is in the making is hidden, and gets its name at once. */
const IN_THE_MAKING_MS = 60_000

/** What whoever was killed while making it has left. */
function sweep({sessions}: Store, names: readonly string[]): void {
  for (const name of names.filter(one => /^\.[0-9a-f]{8}\./.test(one))) {
    const path = join(sessions, name)
    const status = lstatSync(path, {throwIfNoEntry: false})
    if (status && Date.now() - status.mtimeMs > IN_THE_MAKING_MS) remove(path)
  }
}

/** ms: Node has nothing that tells of the end of a process that is none of its children. */
const LOOK_EVERY_MS = 20

/**
 * Waits until something comes of what changes with sessions, at most so many ms: one becomes known, can be joined, or has ended.
 */
export async function awaitSession<T>(store: Store, look: () => T | undefined, most: number): Promise<T | undefined> {
  makeDirectoryAtOnce(store.sessions, 0o700)
  return new Promise((resolve, reject) => {
    const watcher = watch(store.sessions)
    const end = (found: T | undefined) => {
      clearTimeout(timer)
      clearInterval(often)
      watcher.close()
      resolve(found)
    }
    const tryOnce = () => {
      const found = look()
      if (found !== undefined) end(found)
    }
    const timer = setTimeout(() => end(look()), most)
    const often = setInterval(tryOnce, LOOK_EVERY_MS)
    watcher.on('change', tryOnce)
    watcher.on('error', error => {
      clearTimeout(timer)
      clearInterval(often)
      reject(error)
    })
    tryOnce() // the watch comes before the first look, so that no change falls between the two
  })
}

/** Of several that end one session or begin it anew, one does so at a time: who comes later finds what there is by then. */
export async function changingSessions<T>({sessions}: Store, change: () => Promise<T>): Promise<T> {
  const lock = await takeLock(sessions, 'exclusive', 'yes')
  try {
    return await change()
  } finally {
    await lock?.release()
  }
}

/** Throws `unknown-session`. */
export function findSession(store: Store, id: string): SessionRecord {
  const found = SESSION_ID.test(id) ? knownSessions(store).find(session => session.id === id) : undefined
  if (found) return found
  throw new XbuildError('unknown-session', `there is no session "${id}"`, {hint: '"xbuild-env ps" lists those that run'})
}
