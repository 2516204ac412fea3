import {type SessionPlan, variablesOf} from '../core/session/plan.js'
import type {EnterOptions} from './command.js'
import type {SessionPlace} from './place.js'
import {prepareSession} from './run.js'

/** A command without a terminal. What is left out: hybrid, as root, with the host's network, nothing bound, in /. */
export interface Script
  extends Pick<EnterOptions, 'lasting'>,
    Partial<Pick<EnterOptions, 'mode' | 'missingTwins' | 'binds' | 'network' | 'user' | 'directory' | 'caller'>> {
  /** `hold`: nothing is run, see EnterOptions. */
  argv: readonly string[] | 'hold'
  variables?: Readonly<Record<string, string>>
}

export const scriptOptions = ({argv, variables = {}, ...rest}: Script): EnterOptions => ({
  mode: 'hybrid',
  binds: [],
  network: 'host',
  user: 'root',
  directory: '/',
  variables: variablesOf(variables),
  ...rest,
  terminal: false,
  argv: argv === 'hold' ? argv : argv.map(word => Buffer.from(word)),
})

/** The session of such a command. */
export const planScript = (place: SessionPlace, script: Script): Promise<SessionPlan> => prepareSession(place, scriptOptions(script))
