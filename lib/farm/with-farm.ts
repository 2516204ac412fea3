import type {FarmHost} from '../core/farm/hosts.js'
import {variablesOf} from '../core/session/plan.js'
import {isThere} from '../host/files.js'
import type {EnterOptions} from '../session/command.js'
import {PROGRAM_PATH} from '../session/guest.js'
import type {SessionPlace} from '../session/place.js'
import type {Refusal} from './relay.js'

/** What is told of a farm. */
export interface FarmEvents {
  /** These compile too; `jobs`: at once, with this machine. */
  onFarm: (hosts: readonly FarmHost[], jobs: number) => void
  onRefused: (refusal: Refusal) => void
  /** The farm takes no part at all. */
  onNone: (why: unknown) => void
}

/**
 * Does something with a command whose compilations go to the environment's farm while it lasts, where it has one. What the user said
 * of a variable counts. Emulated sessions have none, nor those with a network of their own.
 */
export async function withFarm<T>(
  place: SessionPlace,
  options: EnterOptions,
  events: FarmEvents,
  use: (options: EnterOptions) => Promise<T>,
): Promise<T> {
  const {store, record} = place
  const {compilers, mode, network, user, variables} = options
  if (compilers !== 'farm' || mode !== 'hybrid' || network !== 'host' || record.programs === 'native') return use(options)
  if (!isThere(store.environment(record.name).farm)) return use(options)
  const {openFarm} = await import('./relay.js')
  const farm = await openFarm({store, record}, {user, path: PROGRAM_PATH}, events.onRefused).catch(events.onNone)
  if (!farm) return use(options)
  events.onFarm(farm.hosts, farm.jobs)
  try {
    const given = new Set(variables.map(nameOf))
    const own = variablesOf(farm.variables).filter(variable => !given.has(nameOf(variable)))
    return await use({...options, variables: [...own, ...variables]})
  } finally {
    farm.close()
  }
}

const nameOf = (variable: Buffer) => variable.toString('latin1').split('=')[0]
