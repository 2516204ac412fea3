import {describeOperation, isHostRoot, type SessionPlan, tracedPlan} from '../core/session/plan.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import type {JoinResult, SessionOptions, SessionResult} from '../host/session.js'
import type {Following} from '../session/following.js'
import {finishAlone, holdEnvironment, tryHold, withRecord} from '../session/hold.js'
import {announce, awaitSession, type Described, forget, handOver, knownSessions, socketOf} from '../session/known.js'
import {runAsked} from '../session/lasting.js'
import type {HeldPlace, SessionPlace} from '../session/place.js'
import {type EnterOptions, enter, prepareSession} from '../session/run.js'
import type {Context} from './context.js'
import {PACKAGE_EVENTS, reportEnd} from './enter-report.js'
import type {Limited} from './limits.js'
import {print, printJson} from './output.js'
import {limiter, type SessionWishes} from './wishes.js'

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
  if (wishes.dryRun) return show(place, options, wishes)
  return reportEnd(await joinOrBegin(place, options, wishes, within), chosen, options)
}

/** ms that a session takes, once it holds an environment, until it is known. */
const UNKNOWN_MS = 500

/** Another may begin, or end, while this looks for it: then it looks again. */
async function joinOrBegin(place: SessionPlace, options: EnterOptions, wishes: SessionWishes, within: Limited): Promise<SessionResult> {
  const {store, record} = place
  const {name} = record
  if (record.freezing !== undefined) await finishAlone(store, name)
  if (options.lasting === 'ephemeral') return begin(place, await holdEnvironment(store, name, 'ephemeral'), options, wishes, within)
  for (;;) {
    const joined = await join(place, options, wishes, within)
    if (joined.kind !== 'gone') return joined
    const lock = await tryHold(store, name, 'lasting')
    if (lock) return begin(place, lock, options, wishes, within)
    const another = await awaitSession(store, () => lastingSession(store, name), UNKNOWN_MS)
    if (!another) return begin(place, await holdEnvironment(store, name, 'lasting'), options, wishes, within)
  }
}

const lastingSession = (store: Store, name: string) =>
  knownSessions(store).find(({environment, lasting}) => environment === name && lasting === 'lasting')

/** `gone`: there is none. */
async function join(place: SessionPlace, options: EnterOptions, wishes: SessionWishes, within: Limited): Promise<JoinResult> {
  const session = lastingSession(place.store, place.record.name)
  if (!session) return {kind: 'gone'}
  const {joinKnown} = await import('./join.js')
  return joinKnown(place, session, options, wishes, within)
}

async function begin(
  place: SessionPlace,
  lock: HeldPlace['locks'][number],
  options: EnterOptions,
  wishes: SessionWishes,
  within: Limited,
): Promise<SessionResult> {
  const {record} = await withRecord(place.store, place.record.name, lock)
  const held = {...place, record, locks: [lock]}
  try {
    return await runAsked(held, options.lasting, follow => runOnce(held, follow, options, wishes, within), PACKAGE_EVENTS)
  } finally {
    await lock.release()
  }
}

/** What the session would be made of. */
async function show(place: SessionPlace, options: EnterOptions, wishes: SessionWishes): Promise<number> {
  const plan = await prepareSession(place, options)
  const {operations} = isTraced(wishes) ? tracedPlan(plan) : plan
  if (wishes.json) printJson(operations)
  else print(operations.map(describeOperation).join('\n'))
  return 0
}

/** A trace is of one command: nobody joins. */
const companyOf = (wishes: SessionWishes): Pick<Described, 'company' | 'why'> =>
  isTraced(wishes) ? {company: 'alone', why: 'it is traced'} : {company: 'joins', why: ''}

export function describeAsked(
  {name}: EnvironmentRecord,
  {lasting, mode, network, binds, argv}: EnterOptions,
): Omit<Described, 'company' | 'why'> {
  const command = argv === 'hold' ? [] : argv === 'shell' ? ['shell'] : argv.map(String)
  return {environment: name, lasting, mode, network, binds, command}
}

async function runOnce(
  place: HeldPlace,
  follow: Following | undefined,
  options: EnterOptions,
  wishes: SessionWishes,
  within: Limited,
): Promise<SessionResult> {
  const {store, record, locks} = place
  const known = announce(store, {...describeAsked(record, options), ...companyOf(wishes)})
  let result: SessionResult | undefined
  try {
    const plan = await prepareSession(place, options)
    const began = Date.now()
    const recorder = isTraced(wishes) ? await openRecorder(wishes, record, options) : undefined
    result = await within(limited => {
      const onOuter = (pid: number) => {
        limited.onOuter?.(pid)
        handOver(store, known, pid)
      }
      const session: SessionOptions = {output: 'inherit', locks, ...limited, onOuter}
      if (recorder) return recorder.record(sink => enter(tracedPlan(plan), follow, {...session, trace: sink}))
      return enter({...plan, company: {kind: 'joins', socket: socketOf(store, known.id)}}, follow, session)
    })
    await tellLeftBehind(plan, began)
    return result
  } finally {
    if (result?.session !== 'goes-on') forget(store, known.id)
  }
}

async function tellLeftBehind(plan: SessionPlan, since: number): Promise<void> {
  if (!isHostRoot(plan.ids)) return
  const left = await import('./left-behind.js')
  left.tellLeftBehind(plan, since)
}

const isTraced = (wishes: SessionWishes) => wishes.trace !== undefined || wishes.stats === true

async function openRecorder(wishes: SessionWishes, record: EnvironmentRecord, options: EnterOptions) {
  const {Recorder} = await import('./recorder.js')
  return Recorder.open(wishes, record, options)
}
