import {XbuildError} from '../core/errors.js'
import {type Asked, type SessionRecord, whyNotFit} from '../core/session/record.js'
import {isThere} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {beganAt, initOf} from '../host/processes.js'
import {type JoinResult, joinSession, type SessionOptions} from '../host/session.js'
import {type EnterOptions, guestCommand} from './command.js'
import {describeSession} from './describe.js'
import {followPackages} from './following.js'
import {awaitSession, forget, socketOf} from './known.js'
import {fetchAfter, type PackageEvents} from './lasting.js'
import type {SessionPlace} from './place.js'

/** ms: a session begins within a fraction of a second, but the first of a root, which asks its emulator. */
const BEGINNING_MS = 10_000

/** Throws `cannot-join` where a command does not find in a session what it was asked to run with. */
export function checkFits(session: SessionRecord, asked: Asked): void {
  const who = `environment "${session.environment}" is in use by another session, ${describeSession(session)}`
  if (session.company === 'alone') {
    throw new XbuildError('cannot-join', `${who}, which nobody can join: ${session.why}`, {hint: 'wait for it to end'})
  }
  const why = whyNotFit(session, asked)
  if (why === undefined) return
  throw new XbuildError('cannot-join', `${who}, which ${why}`, {
    hint: 'commands run in that session while it lasts: take what it has (--workdir / begins in the root), or wait for it to end',
  })
}

/**
 * Runs a command in a session that runs already, beside what runs there. When those that began before have ended, routes of
 * packages are found here; when the session has, their twins are fetched.
 */
export async function runJoined(
  place: SessionPlace,
  session: SessionRecord,
  options: EnterOptions,
  limited: Pick<SessionOptions, 'signal' | 'graceMs'>,
  events: PackageEvents,
): Promise<JoinResult> {
  const {store, record} = place
  const socket = socketOf(store, session)
  const has = () => (isThere(socket) ? 'there' : beganAt(session.pid) === session.began ? undefined : 'gone')
  const found = has() ?? (await awaitSession(store, has, BEGINNING_MS))
  if (found === undefined) throw notReached(session, socket)
  if (found === 'gone') return {kind: 'gone'}
  const follow = session.lasting === 'lasting' ? followPackages(store, record, events.onUnwatched) : undefined
  const onOldest = () => {
    const init = initOf(session.pid)
    if (init !== undefined) follow?.begin(init)
  }
  const plan = {socket, terminal: options.terminal, network: networkOf(session, options), command: guestCommand(place, options)}
  const result = await joinSession(plan, {output: 'inherit', onOldest, ...limited}).finally(() => follow?.end())
  if (result.kind !== 'gone' && result.session === 'over') await finish(place, session, events)
  return result
}

const notReached = (session: SessionRecord, socket: string) =>
  new XbuildError('cannot-join', `session ${describeSession(session)} runs, and ${socket}, where it is joined, is not there`, {
    hint: `wait for it to end, or end it with all that runs in it: kill -9 ${session.pid}`,
  })

/** Without a network, a command has one of its own where the session has the host's. */
const networkOf = (session: SessionRecord, {network}: EnterOptions): 'session' | 'own' =>
  network === 'own' && session.network === 'host' ? 'own' : 'session'

/** With this command the session has ended. */
async function finish(place: SessionPlace, session: SessionRecord, events: PackageEvents): Promise<void> {
  const {store, record} = place
  forget(store, session)
  if (session.lasting === 'ephemeral') return
  const lock = await takeLock(store.environment(record.name).lock, 'exclusive', 'no')
  if (!lock) return // another session has begun, and looks after the packages at its end
  await fetchAfter(place, events).finally(lock.release)
}
