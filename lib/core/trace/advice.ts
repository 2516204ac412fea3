import {quoteWord} from '../shell-words.js'
import type {Reason, Suggestion} from './ledger.js'

/**
 * What a user can do so that a program runs native, as a clause; undefined where nobody but xbuild-env's developers can: a program
 * without a twin has none, and rights, or what the twin found itself, are as they are.
 */
export function adviceFor({kind, ...rest}: Reason['outcome'], environment: string): string | undefined {
  switch (kind) {
    case 'changed':
      return 'install its package again, if the change is not wanted'
    case 'variable':
      return 'build without that variable'
    case 'locale':
      return 'build in the locale C.UTF-8'
    case 'argument':
      return 'build without that argument'
    case 'twin-failed':
      return `see what is damaged: xbuild-env info ${environment}`
    case 'preload':
      return 'empty /etc/ld.so.preload in the environment'
    case 'entry':
      return `disable the entry: xbuild-env activator disable ${quoteWord('entry' in rest ? rest.entry : '')} --env ${environment}`
    case 'no-route':
    case 'secure':
    case 'requested':
      return undefined
  }
}

/** Of what would be worth a route, that about which a user can do something, with what. */
export const withAdvice = (suggestions: readonly Suggestion[], environment: string): (Suggestion & {advice: string})[] =>
  suggestions.flatMap(suggestion => {
    const advice = adviceFor(suggestion.reason, environment)
    return advice === undefined ? [] : [{...suggestion, advice}]
  })
