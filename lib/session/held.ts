import {XbuildError} from '../core/errors.js'
import type {SessionPlan} from '../core/session/plan.js'
import type {SessionRecord} from '../core/session/record.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import type {Lock} from '../host/lock.js'
import {runSession, startSession, stopSession} from '../host/session.js'
import {type Lasting, tryHold} from './hold.js'
import {announce, type Described, forget, handOver, socketOf} from './known.js'
import {fetchAfter, type PackageEvents} from './lasting.js'
import type {HeldPlace, SessionPlace} from './place.js'
import {planScript} from './script.js'

/** What a session that is held is asked for. */
export type HeldWishes = Pick<SessionRecord, 'lasting' | 'mode' | 'network' | 'binds'>

const describeHeld = (company: 'held' | 'kept', {name}: EnvironmentRecord, {lasting, mode, network, binds}: HeldWishes): Described => ({
  environment: name,
  lasting,
  mode,
  network,
  binds,
  command: [],
  company,
  why: '',
})

const planHeld = (place: SessionPlace, {lasting, mode, network, binds}: HeldWishes) =>
  planScript(place, {lasting, mode, network, binds, argv: 'hold'})

/** Begins a session that stays, without a command, until it is told to end. `named`: what it is called, where it begins anew. */
export async function startHeld(place: HeldPlace, wishes: HeldWishes, named?: Pick<SessionRecord, 'id' | 'turn'>): Promise<SessionRecord> {
  const {store, record, locks} = place
  const known = announce(store, describeHeld('held', record, wishes), named)
  try {
    const plan = await planHeld(place, wishes)
    const onOuter = (pid: number) => handOver(store, known, pid)
    await startSession({...plan, company: {kind: 'held', socket: socketOf(store, known)}}, {output: {lines: () => {}}, locks, onOuter})
    return known
  } catch (error) {
    forget(store, known)
    throw error
  }
}

/** The same, of which this process holds it: it ends with it. `ended` is when it has. `change`: what is otherwise in its plan. */
export async function keepSession(
  place: HeldPlace,
  wishes: HeldWishes,
  change: (plan: SessionPlan) => SessionPlan = plan => plan,
): Promise<{session: SessionRecord; ended: Promise<void>}> {
  const {store, record, locks} = place
  const session = announce(store, describeHeld('kept', record, wishes))
  const plan = change(await planHeld(place, wishes))
  const company = {kind: 'kept', socket: socketOf(store, session)} as const
  let onReady = () => {}
  const ready = new Promise<void>(resolve => (onReady = resolve))
  const onOuter = (pid: number) => handOver(store, session, pid)
  const run = runSession({...plan, company}, {output: {lines: () => {}}, locks, onOuter, onReady})
  const ended = run.then(() => {}).finally(() => forget(store, session))
  await Promise.race([ready, ended])
  return {session, ended}
}

/** Ends a session, and all that runs in it. Twins of packages that came in a lasting one are fetched. */
export async function stopHeld(place: SessionPlace, session: SessionRecord, events: PackageEvents): Promise<void> {
  const {store, record} = place
  await endSession(store, session)
  if (session.lasting === 'ephemeral') return
  const lock = await tryHold(store, record.name, 'lasting')
  if (lock) await fetchAfter(place, events).finally(lock.release)
}

/** Ends a session, and all that runs in it. */
export async function endSession(store: Store, session: SessionRecord): Promise<void> {
  if (session.company === 'alone') {
    throw new XbuildError('cannot-join', `session ${session.id} cannot be told to end: ${session.why}`, {
      hint: `end its command, or its process: kill ${session.pid}`,
    })
  }
  await stopSession(socketOf(store, session))
  forget(store, session)
}

/** Ends an ephemeral session, and begins it anew under the same name: as it was at its start. */
export async function revertHeld(place: SessionPlace, session: SessionRecord, hold: (lasting: Lasting) => Promise<Lock>): Promise<void> {
  if (session.company === 'kept') {
    throw new XbuildError('usage', `session ${session.id} is process ${session.pid}'s, which brings it back to its start itself`, {
      hint: `begin one of your own: xbuild-env session start --ephemeral ${session.environment}`,
    })
  }
  if (session.company !== 'held' || session.lasting !== 'ephemeral') {
    throw new XbuildError('usage', `session ${session.id} has no start to go back to: what it changes stays in the environment`, {
      hint: `begin one that does not: xbuild-env session start --ephemeral ${session.environment}`,
    })
  }
  const lock = await hold('ephemeral')
  try {
    await endSession(place.store, session)
    await startHeld({...place, locks: [lock]}, session, {id: session.id, turn: session.turn + 1})
  } finally {
    await lock.release()
  }
}
