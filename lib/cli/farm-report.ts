import {formatFarmHost} from '../core/farm/hosts.js'
import {variablesOf} from '../core/session/plan.js'
import type {Refusal} from '../farm/relay.js'
import {type FarmNews, withFarm} from '../farm/with-farm.js'
import type {EnterOptions} from '../session/command.js'
import type {SessionPlace} from '../session/place.js'
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
      return `${name} is refused: what answers there is not a farm of this version`
  }
}

export function describeFarm(news: FarmNews): string {
  switch (news.kind) {
    case 'compiles':
      return `farm: ${news.hosts.map(formatFarmHost).join(', ')} compile${news.hosts.length === 1 ? 's' : ''} too; make -j${news.jobs} keeps all busy`
    case 'refused':
      return `farm: ${describeRefusal(news.refusal)}; this machine compiles in its place`
    case 'none':
      return `farm: none, this machine compiles alone: ${news.why instanceof Error ? news.why.message : news.why}`
  }
}

const tell = (news: FarmNews) => (news.kind === 'compiles' ? note : warn)(`xbuild-env: ${describeFarm(news)}`)

/** Does something with a command that the environment's farm compiles for, where it may. What the user said of a variable counts. */
export const withFarmOf = <T>(place: SessionPlace, options: EnterOptions, use: (options: EnterOptions) => Promise<T>): Promise<T> =>
  options.compilers !== 'farm'
    ? use(options)
    : withFarm(place, options, tell, farm => {
        const given = new Set(options.variables.map(nameOf))
        const own = variablesOf(farm).filter(variable => !given.has(nameOf(variable)))
        return use({...options, variables: [...own, ...options.variables]})
      })

const nameOf = (variable: Buffer) => variable.toString('latin1').split('=')[0]
