import type {Store} from '../environment/store.js'
import type {Lock} from '../host/lock.js'
import type {JoinResult, SessionResult} from '../host/session.js'
import type {EnterOptions} from '../session/command.js'
import {finishAlone, holdEnvironment, tryHold} from '../session/hold.js'
import {awaitSession, knownSessions} from '../session/known.js'
import type {SessionPlace} from '../session/place.js'
import type {Context} from './context.js'
import {reportEnd} from './enter-report.js'
import {withFarmOf} from './farm-report.js'
import type {Limited} from './limits.js'
import {isTraced, limiter, type SessionWishes} from './wishes.js'

/** Runs a command in an environment: in the session that runs there, or in one of its own. */
export async function enterEnvironment(
  context: Context,
  name: string | undefined,
  options: EnterOptions,
  wishes: SessionWishes = {},
): Promise<number> {
  const {store, settings} = context
  const within = await limiter(wishes)
  const chosen = await store.choose(name, settings.environment)
  const place = {store, record: await store.read(chosen), binfmt: settings.binfmt}
  if (isTraced(wishes)) (await import('./check-traced.js')).checkTraced(place.record)
  if (wishes.dryRun) return (await import('./begin.js')).show(place, options, wishes)
  const result = await withFarmOf(place, options, farmed => joinOrBegin(place, farmed, wishes, within))
  return reportEnd(result, store, chosen, options)
}

/** ms that a session takes, once it holds an environment, until it is known; and where many begin at once, at most. */
const UNKNOWN_MS = 500
const MANY_MS = 30_000

/** Another may begin, or end, while this looks for it: then it looks again. */
async function joinOrBegin(place: SessionPlace, options: EnterOptions, wishes: SessionWishes, within: Limited): Promise<SessionResult> {
  const {store, record} = place
  const {name} = record
  // Who joins needs none of what makes a session: its modules are loaded here, while flock(1) is waited for.
  const loading = () => import('./begin.js')
  const beginWith = async (lock: Lock) => (await loading()).begin(place, lock, options, wishes, within)
  const holding = async <T>(hold: Promise<T>): Promise<T> => (await Promise.all([hold, loading()]))[0]
  if (record.freezing !== undefined) await finishAlone(store, name)
  if (options.lasting === 'ephemeral') return beginWith(await holding(holdEnvironment(store, name, 'ephemeral')))
  for (const began = performance.now(); ; ) {
    const joined = await join(place, options, wishes, within)
    if (joined.kind !== 'gone') return joined
    const lock = await holding(tryHold(store, name, 'lasting'))
    if (lock) return beginWith(lock)
    const another = await awaitSession(store, () => lastingSession(store, name), UNKNOWN_MS)
    if (!another && performance.now() - began < MANY_MS && (await isBeginning(store, name))) continue
    if (!another) return beginWith(await holdEnvironment(store, name, 'lasting'))
  }
}

const isBeginning = async (store: Store, name: string) => (await import('../session/describe.js')).isBeginning(store, name)

const lastingSession = (store: Store, name: string) =>
  knownSessions(store).find(({environment, lasting}) => environment === name && lasting === 'lasting')

/** `gone`: there is none. */
async function join(place: SessionPlace, options: EnterOptions, wishes: SessionWishes, within: Limited): Promise<JoinResult> {
  const session = lastingSession(place.store, place.record.name)
  if (!session) return {kind: 'gone'}
  const {joinKnown} = await import('./join.js')
  return joinKnown(place, session, options, wishes, within)
}
