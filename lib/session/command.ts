import type {Mode} from '../core/session/mode.js'
import type {GuestCommand} from '../core/session/plan.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {layersOf, readInEnvironment} from './files.js'
import {findUser, type GuestUser, guestVariables} from './guest.js'
import type {Lasting} from './hold.js'
import type {SessionPlace} from './place.js'
import type {Bind} from './plan.js'

export interface EnterOptions {
  mode: Mode
  /** `ephemeral`: what the session changes in the environment is gone with it. */
  lasting: Lasting
  /** Which twins are fetched when a lasting session has ended: of packages that came in it, or also of those that lack theirs since before. */
  missingTwins?: 'of-changes' | 'of-all'
  binds: readonly Bind[]
  /** The bind that is there without having been asked for, by its path in both trees. */
  project?: string | undefined
  network: 'host' | 'own'
  user: string
  /** Undefined: the user's home. */
  directory: string | undefined
  /** Variables that the user gave. */
  variables: readonly Buffer[]
  /** Of whose variables some are passed on; by default this process's. */
  caller?: Readonly<Record<string, string | undefined>>
  terminal: boolean
  /** `farm`: compilations may go to the machines that the environment's farm has; undefined: never. */
  compilers?: 'farm'
  /** `shell`: the user's, as a login shell. `hold`: nothing is run, the session is there until it is told to end. */
  argv: readonly Buffer[] | 'shell' | 'hold'
}

/** Bytes of the environment's lists of users and groups: a hundred thousand of each. */
const USERS_LIMIT = 8 * 2 ** 20

/** What runs in a session: the user is looked for in the environment, as far as no session keeps it in memory. */
export function guestCommand({store, record}: SessionPlace, options: EnterOptions): GuestCommand {
  const layers = layersOf(store, record)
  const [passwd, group] = ['etc/passwd', 'etc/group'].map(path => readInEnvironment(layers, path, USERS_LIMIT)) as [string, string]
  return commandFor(record, findUser(options.user, passwd, group, record.name), options)
}

function commandFor(record: EnvironmentRecord, user: GuestUser, options: EnterOptions): GuestCommand {
  const {argv, directory, caller = process.env, variables} = options
  if (argv === 'hold') return {kind: 'hold'}
  return {
    kind: 'execute',
    argv: argv === 'shell' ? [Buffer.from(user.shell), Buffer.from('-l')] : argv,
    variables: guestVariables(record, user, caller, variables),
    directory: directory ?? user.home,
    uid: user.uid,
    gid: user.gid,
    groups: user.groups,
  }
}
