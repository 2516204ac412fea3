import type {FarmHost} from '../core/farm/hosts.js'
import type {Mode} from '../core/session/mode.js'
import {isThere} from '../host/files.js'
import {PROGRAM_PATH} from '../session/guest.js'
import type {SessionPlace} from '../session/place.js'
import type {Refusal} from './relay.js'

/** What is told of a farm. */
export type FarmNews =
  /** These compile too; `jobs`: at once, with this machine. */
  | {kind: 'compiles'; hosts: readonly FarmHost[]; jobs: number}
  | {kind: 'refused'; refusal: Refusal}
  /** The farm takes no part at all. */
  | {kind: 'none'; why: unknown}

/** What has its compilations done. */
export interface FarmClient {
  mode: Mode
  network: 'host' | 'own'
  user: string
}

/**
 * Does something with the variables by which an environment's farm compiles for its commands, while it lasts; with none where there
 * is no farm. Emulated sessions have none, nor those with a network of their own.
 */
export async function withFarm<T>(
  place: SessionPlace,
  {mode, network, user}: FarmClient,
  tell: (news: FarmNews) => void,
  use: (variables: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const {store, record} = place
  const mayHave = mode === 'hybrid' && network === 'host' && isThere(store.environment(record.name).farm)
  if (!mayHave || record.programs === 'native') return use({})
  const {openFarm} = await import('./relay.js')
  const refused = (refusal: Refusal) => tell({kind: 'refused', refusal})
  const farm = await openFarm({...place, record}, {user, path: PROGRAM_PATH}, refused).catch(why => tell({kind: 'none', why}))
  if (!farm) return use({})
  tell({kind: 'compiles', hosts: farm.hosts, jobs: farm.jobs})
  try {
    return await use(farm.variables)
  } finally {
    farm.close()
  }
}
