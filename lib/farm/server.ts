import type {Socket} from 'node:net'
import {readEmulatedProfile} from '../config/profiles.js'
import {type Answer, encodeAnswer, LONGEST_LINE, parseGreeting} from '../core/farm/greeting.js'
import {type JoinPlan, planWithRoutes} from '../core/session/plan.js'
import type {EmulatedRecord} from '../environment/record.js'
import {writeFarmTable} from '../environment/routing.js'
import type {AddressList} from '../host/address-list.js'
import {joinSession} from '../host/session.js'
import {listen, readLine} from '../host/tcp.js'
import {endSession, keepSession} from '../session/held.js'
import {socketOf} from '../session/known.js'
import type {HeldPlace} from '../session/place.js'
import {requireNativeDistcc} from './distcc.js'
import {DISTCCD_PORT, startDistccd} from './distccd.js'
import {compilerKey} from './key.js'
import {Turns} from './turns.js'

export interface ServeWishes {
  /** Undefined: all addresses. */
  address: string | undefined
  port: number
  allowed: AddressList
  /** Compilations at once. */
  jobs: number
}

/** A client that is turned away. */
export interface TurnedAway {
  address: string
  /** `no-greeting`: not a client of a farm, or of another version. */
  why: 'not-allowed' | 'other-key' | 'no-greeting'
}

export interface ServerEvents {
  onTurnedAway: (client: TurnedAway) => void
  /** A compilation could not begin; its client compiles for itself. */
  onFailed: (why: unknown) => void
}

export interface FarmServer {
  key: string
  address: string
  port: number
  /** When it has ended by itself. */
  ended: Promise<void>
  close: () => Promise<void>
}

/** ms in which a client has to say what it wants. */
const GREETING_MS = 5000

/** ms in which it has to begin, once it may. */
const BEGIN_MS = 30_000

/**
 * Compiles for others, in a session of the environment that has no network, no emulator and nothing of the host's, and whose
 * changes are gone with it: distccd is connected with a client there, once that has greeted with the key of the environment's own
 * compilers.
 */
export async function serveFarm(
  place: HeldPlace & {record: EmulatedRecord},
  wishes: ServeWishes,
  {onTurnedAway, onFailed}: ServerEvents,
): Promise<FarmServer> {
  const {store, record} = place
  const routing = await requireNativeDistcc(place)
  const key = await compilerKey(store, record)
  const paths = store.environment(record.name)
  await writeFarmTable(paths, await readEmulatedProfile(record.profile, record.suite), routing)
  const held = {lasting: 'ephemeral', mode: 'hybrid', network: 'own', binds: []} as const
  const {session, ended} = await keepSession(place, held, plan => planWithRoutes(plan, paths.farmRoutes))
  const socket = socketOf(store, session)
  const plan: JoinPlan = {socket, terminal: false, network: 'session', command: {kind: 'connect', port: DISTCCD_PORT}}
  const turns = new Turns(wishes.jobs)
  const serve = async (client: Socket) => {
    const turnedAway = await admit(client, wishes, key)
    if (turnedAway) return onTurnedAway(turnedAway)
    if (await sends(client)) await turns.take(() => compile(client, plan)).catch(onFailed)
    client.destroy()
  }
  try {
    const distccd = await startDistccd(place, socket, wishes.jobs)
    const listener = await listen(wishes.address, wishes.port, serve)
    const close = async () => {
      listener.close()
      await endSession(store, session)
      await Promise.all([ended, distccd.ended])
    }
    return {key, address: listener.address, port: listener.port, ended: Promise.race([ended, distccd.ended]), close}
  } catch (error) {
    await endSession(store, session)
    throw error
  }
}

/** undefined: it may have something compiled. Others are told why not. */
async function admit(client: Socket, {allowed, jobs}: ServeWishes, key: string): Promise<TurnedAway | undefined> {
  const address = plainAddress(client.remoteAddress ?? '')
  const turnAway = (why: TurnedAway['why'], answer?: Answer): TurnedAway => {
    client.end(answer ? encodeAnswer(answer) : '', () => client.destroy())
    return {address, why}
  }
  if (!allowed(address)) return turnAway('not-allowed', {kind: 'not-allowed', address})
  const line = await readLine(client, LONGEST_LINE, GREETING_MS)
  const theirs = line === undefined ? undefined : parseGreeting(line)
  if (theirs === undefined) return turnAway('no-greeting')
  if (theirs !== key) return turnAway('other-key', {kind: 'other-key', key})
  client.write(encodeAnswer({kind: 'ok', jobs}))
  return undefined
}

/** An address of IPv4 that came by a socket of IPv6. RFC 4291, 2.5.5.2 */
const plainAddress = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** Who goes away ends what was begun for it. */
async function compile(client: Socket, plan: JoinPlan): Promise<void> {
  const gone = new AbortController()
  client.once('close', () => gone.abort())
  if (client.destroyed) return
  await joinSession(plan, {output: {connection: client}, signal: gone.signal})
}

/** Whether anything comes: who has only asked how many jobs there are sends nothing. */
const sends = (client: Socket): Promise<boolean> =>
  new Promise(resolve => {
    const end = (comes: boolean) => {
      clearTimeout(timer)
      client.off('readable', look).off('end', none).off('close', none)
      resolve(comes)
    }
    const look = () => client.readableLength > 0 && end(true)
    const none = () => end(false)
    const timer = setTimeout(none, BEGIN_MS)
    client.on('readable', look).once('end', none).once('close', none)
    if (client.readableLength > 0) end(true)
    else client.read(0)
  })
