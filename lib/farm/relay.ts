import {availableParallelism} from 'node:os'
import type {FarmHost} from '../core/farm/hosts.js'
import {type FarmSlot, farmVariables} from '../core/farm/variables.js'
import type {EmulatedRecord} from '../environment/record.js'
import {join, type Listener, listen} from '../host/tcp.js'
import type {SessionPlace} from '../session/place.js'
import {requireNativeDistcc} from './distcc.js'
import {readFarm} from './hosts-file.js'
import {currentKey} from './key.js'
import {ask, type Reached, reach} from './reach.js'

/** A host that compiles nothing, and why. */
export interface Refusal {
  host: FarmHost
  reached: Exclude<Reached, {kind: 'ok'}>
}

/** The hosts that compile for one command. */
export interface Farm {
  variables: Readonly<Record<string, string>>
  hosts: readonly FarmHost[]
  /** What they and this machine compile at once. */
  jobs: number
  close: () => void
}

type Key = () => Promise<string>

/**
 * Opens the way from a session to the hosts of its environment's farm: of each that answers, a port of this machine's loopback
 * interface, which distcc connects to as to a server. Each connection is greeted anew, so that nothing is compiled by a host that
 * has other compilers by then. undefined where none answers: compilations are not kept waiting by those. `tell` is called once for
 * each host that does not take part, from its beginning on or later.
 */
export async function openFarm(
  place: SessionPlace & {record: EmulatedRecord},
  {user, path}: {user: string; path: string},
  tell: (refusal: Refusal) => void,
): Promise<Farm | undefined> {
  const {store, record} = place
  await requireNativeDistcc(place)
  const key = currentKey(store, record)
  const hosts = await readFarm(store, record.name)
  const now = await key()
  const asked = await Promise.all(hosts.map(async host => ({host, reached: await ask(host, now)})))
  const ways: Way[] = []
  for (const {host, reached} of asked) {
    if (reached.kind === 'ok') ways.push({host, jobs: reached.jobs, listener: await openWay(host, key, tell)})
    else tell({host, reached})
  }
  if (ways.length === 0) return undefined
  const slots = ways.map(({jobs, listener: {port}}): FarmSlot => ({jobs, port}))
  const processors = availableParallelism()
  return {
    variables: farmVariables(slots, processors, user, path),
    hosts: ways.map(({host}) => host),
    jobs: slots.reduce((all, {jobs}) => all + jobs, processors),
    close: () => ways.forEach(({listener}) => void listener.close()),
  }
}

interface Way {
  host: FarmHost
  jobs: number
  listener: Listener
}

/** distcc leaves a host alone for a minute whose connection was closed, and compiles here. man 1 distcc, DISTCC_BACKOFF_PERIOD */
function openWay(host: FarmHost, key: Key, tell: (refusal: Refusal) => void): Promise<Listener> {
  let isTold = false
  return listen('127.0.0.1', 0, async near => {
    const reached = await reachNow(host, key)
    if (reached.kind === 'ok') return join(near, reached.socket)
    near.destroy()
    if (!isTold) tell({host, reached})
    isTold = true
  })
}

/** Where the compilers are emulated by now, there is nothing to greet with. */
async function reachNow(host: FarmHost, key: Key): Promise<Reached> {
  try {
    return await reach(host, await key())
  } catch (error) {
    return {kind: 'away', why: error instanceof Error ? error.message : String(error)}
  }
}
