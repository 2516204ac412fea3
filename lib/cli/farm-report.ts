import {type FarmHost, formatFarmHost} from '../core/farm/hosts.js'
import type {Refusal} from '../farm/relay.js'
import type {FarmEvents} from '../farm/with-farm.js'
import {note, warn} from './output.js'

/** What became of asking a host, for people. */
export function describeRefusal({host, reached}: Refusal): string {
  const name = formatFarmHost(host)
  switch (reached.kind) {
    case 'away':
      return `${name} is away (${reached.why})`
    case 'other-key':
      return `${name} is refused: its compilers are others (key ${reached.key})`
    case 'not-allowed':
      return `${name} does not let ${reached.address} in: there, add it to "farm serve --allow"`
    case 'no-farm':
      return `${name} is refused: what answers there is no farm of this version`
  }
}

export const FARM_EVENTS: FarmEvents = {
  onFarm: (hosts: readonly FarmHost[], jobs) =>
    note(`xbuild-env: ${hosts.map(formatFarmHost).join(', ')} compile${hosts.length === 1 ? 's' : ''} too: make -j${jobs} keeps all busy`),
  onRefused: refusal => warn(`xbuild-env: farm: ${describeRefusal(refusal)}; this machine compiles in its place`),
  onNone: why => warn(`xbuild-env: no farm: ${why instanceof Error ? why.message : why}`),
}
