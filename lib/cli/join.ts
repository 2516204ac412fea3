import {XbuildError} from '../core/errors.js'
import type {SessionRecord} from '../core/session/record.js'
import type {JoinResult, SessionResult} from '../host/session.js'
import type {EnterOptions} from '../session/command.js'
import {describeSession} from '../session/describe.js'
import {checkFits, runJoined} from '../session/join.js'
import {findSession} from '../session/known.js'
import type {SessionPlace} from '../session/place.js'
import type {Context} from './context.js'
import {PACKAGE_EVENTS, reportEnd} from './enter-report.js'
import {withFarmOf} from './farm-report.js'
import type {Limited} from './limits.js'
import {note} from './output.js'
import {limiter, type SessionWishes} from './wishes.js'

/** Runs a command in a session that is known. What is its own for each command, it has; what is the session's, it finds there. */
export async function joinKnown(
  place: SessionPlace,
  session: SessionRecord,
  options: EnterOptions,
  wishes: SessionWishes,
  within: Limited,
): Promise<JoinResult> {
  const {mode, binds, project, directory} = options
  const wanted = binds.filter(({source, target}) => source !== project || target !== project)
  checkFits(session, {mode, binds: wanted, directory: directory === project ? project : undefined})
  refuseWishes(session, wishes)
  if (mode === 'hybrid' && session.mode === 'emulated')
    note(`everything runs emulated, as in the session that goes on: ${describeSession(session)}`)
  let isGone = false
  const result = await within(async limited => {
    const joined = await runJoined(place, session, options, limited, PACKAGE_EVENTS)
    isGone = joined.kind === 'gone'
    return joined.kind === 'gone' ? NOTHING_RUN : joined
  })
  return isGone ? {kind: 'gone'} : result
}

const NOTHING_RUN: SessionResult = {kind: 'ended', exitCode: 0, session: 'goes-on'}

/** `run --session`: a command in a session that the user has named. */
export async function enterSession({store, settings}: Context, id: string, options: EnterOptions, wishes: SessionWishes): Promise<number> {
  const session = findSession(store, id)
  const place = {store, record: await store.read(session.environment), binfmt: settings.binfmt}
  const within = await limiter(wishes)
  const result = await withFarmOf(place, options, farmed => joinKnown(place, session, farmed, wishes, within))
  if (result.kind !== 'gone') return reportEnd(result, store, session.environment, options)
  throw new XbuildError('unknown-session', `session ${id} has ended`, {hint: '"xbuild-env ps" lists those that run'})
}

/** Of the whole session, not of a command. */
function refuseWishes(session: SessionRecord, {trace, stats, memory, pids}: SessionWishes): void {
  const refused = Object.entries({trace, stats, memory, pids}).find(([, value]) => value !== undefined)
  if (!refused) return
  throw new XbuildError('cannot-join', `--${refused[0]} is for a whole session, and one runs already: ${describeSession(session)}`, {
    hint: 'leave it out, or wait for that session to end',
  })
}
