import {describeOperation, isHostRoot, type SessionPlan, tracedPlan} from '../core/session/plan.js'
import {areTwinsOutdated} from '../environment/outdated-twins.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Lock} from '../host/lock.js'
import type {SessionOptions, SessionResult} from '../host/session.js'
import type {EnterOptions} from '../session/command.js'
import type {Following} from '../session/following.js'
import {withRecord} from '../session/hold.js'
import {announce, announceIfKept, type Described, forget, handOver, socketOf} from '../session/known.js'
import {runAsked} from '../session/lasting.js'
import type {HeldPlace, SessionPlace} from '../session/place.js'
import {enter, prepareSession} from '../session/run.js'
import {PACKAGE_EVENTS} from './enter-report.js'
import {printAs} from './json.js'
import type {Limited} from './limits.js'
import {note, print} from './output.js'
import {isTraced, type SessionWishes} from './wishes.js'

/** Runs a command in a session of its own, which holds the environment by `lock`; that is released. */
export async function begin(
  place: SessionPlace,
  lock: Lock,
  options: EnterOptions,
  wishes: SessionWishes,
  within: Limited,
): Promise<SessionResult> {
  const {record} = await withRecord(place.store, place.record.name, lock)
  const held = {...place, record, locks: [lock]}
  try {
    await tellOutdated(held)
    if (options.mode === 'emulated') await (await import('./stubs-report.js')).tellNotEmulated(held)
    return await runAsked(held, options, follow => runOnce(held, follow, options, wishes, within), PACKAGE_EVENTS)
  } finally {
    await lock.release()
  }
}

/** Once for each session that is begun: what is native is as good as its twins. */
async function tellOutdated({store, record}: HeldPlace): Promise<void> {
  if (!(await areTwinsOutdated(store, record))) return
  note(`another version of xbuild-env has made the twins of ${record.name}, and faults of theirs may be mended since
  renew them: xbuild-env update ${record.name}`)
}

/** What the session would be made of. */
export async function show(place: SessionPlace, options: EnterOptions, wishes: SessionWishes): Promise<number> {
  const plan = await prepareSession(place, options)
  const {operations} = isTraced(wishes) ? tracedPlan(plan) : plan
  if (wishes.json) printAs('run --dry-run', operations)
  else print(operations.map(describeOperation).join('\n'))
  return 0
}

/** A trace is of one command: nobody joins. */
const companyOf = (wishes: SessionWishes): Pick<Described, 'company' | 'why'> =>
  isTraced(wishes) ? {company: 'alone', why: 'it is traced'} : {company: 'joins', why: ''}

function describeAsked({name}: EnvironmentRecord, {lasting, mode, network, binds, argv}: EnterOptions): Omit<Described, 'company' | 'why'> {
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
  const described = {...describeAsked(record, options), ...companyOf(wishes)}
  const known = options.lasting === 'ephemeral' ? announceIfKept(store, described) : announce(store, described)
  let result: SessionResult | undefined
  try {
    const plan = await prepareSession(place, options)
    const began = Date.now()
    const recorder = isTraced(wishes) ? await openRecorder(wishes, record, options) : undefined
    result = await within(limited => {
      const onOuter = (pid: number) => {
        limited.onOuter?.(pid)
        if (known) handOver(store, known, pid)
      }
      const session: SessionOptions = {output: 'inherit', locks, ...limited, onOuter}
      if (recorder) return recorder.record(sink => enter(tracedPlan(plan), follow, {...session, trace: sink}))
      return enter(known ? {...plan, company: {kind: 'joins', socket: socketOf(store, known)}} : plan, follow, session)
    })
    await tellLeftBehind(plan, began)
    return result
  } finally {
    if (known && result?.session !== 'goes-on') forget(store, known)
  }
}

/** The directories that a session was shown writable. */
const writableOf = ({operations}: SessionPlan) =>
  operations.flatMap(operation => (operation.op === 'bind' && operation.access === 'rw' ? [operation.source] : []))

/** What a session left of the kind, there or through the caller's descriptors. */
async function tellLeftBehind(plan: SessionPlan, since: number): Promise<void> {
  if (!isHostRoot(plan.ids)) return
  const {findPrivileged} = await import('../host/privileged.js')
  const found = findPrivileged(writableOf(plan), since)
  if (found.length > 0) (await import('./left-behind.js')).tellFound(found)
}

async function openRecorder(wishes: SessionWishes, record: EnvironmentRecord, options: EnterOptions) {
  const {Recorder} = await import('./recorder.js')
  return Recorder.open(wishes, record, options)
}
