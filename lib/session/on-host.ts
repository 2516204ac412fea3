import {readdir, readlink} from 'node:fs/promises'
import {join} from 'node:path'
import {type HostPath, mountsFor, type Operation, type SessionPlan} from '../core/session/plan.js'
import {idMap} from '../host/ids.js'
import {type GuestUser, guestVariables} from './guest.js'
import {type Bind, systemOperations} from './plan.js'

/** A program of the host, run as a session's programs are. */
export interface HostCommand {
  argv: readonly Buffer[]
  directory: HostPath
  home: HostPath
  network: 'host' | 'own'
  /** Variables that were asked for. */
  variables: readonly Buffer[]
  /** Of whose variables some are passed on. */
  caller: Readonly<Record<string, string | undefined>>
}

/** Runs it in the host's own tree, with processes and a network as separate as a session's. */
export async function planOnHost({argv, directory, home, network, variables, caller}: HostCommand): Promise<SessionPlan> {
  const user: GuestUser = {name: 'root', uid: 0, gid: 0, groups: [], home, shell: '/bin/sh'}
  return {
    ids: await idMap(),
    network,
    terminal: false,
    mounts: 'open',
    operations: [{op: 'mount', type: 'proc', target: '/proc', options: ''}],
    command: {
      kind: 'execute',
      argv,
      variables: guestVariables(undefined, user, caller, variables),
      directory,
      uid: 0,
      gid: 0,
      groups: [],
    },
  }
}

/** What a session has of its own. */
const OWN = ['dev', 'proc', 'sys', 'tmp']

/** The same in a tree that shows the host's, read-only, and an empty /tmp but for `binds`. `empty` is an empty directory. */
export async function planOnHostReadOnly(command: HostCommand, empty: HostPath, binds: readonly Bind[] = []): Promise<SessionPlan> {
  const plan = await planOnHost(command)
  return {
    ...plan,
    mounts: mountsFor(plan.ids),
    operations: [
      {op: 'root', upper: undefined, work: undefined, lower: [empty]},
      ...(await hostOperations()),
      ...OWN.map((name): Operation => ({op: 'directory', path: `/${name}`})),
      ...systemOperations(plan.ids, plan.network),
      {op: 'mount', type: 'tmpfs', target: '/tmp', options: 'mode=1777'},
      ...binds.map((bind): Operation => ({op: 'bind', ...bind})),
      {op: 'enter'},
    ],
  }
}

/** /bin and its like are links where /usr has all. */
async function hostOperations(): Promise<Operation[]> {
  const entries = (await readdir('/', {withFileTypes: true})).filter(({name}) => !OWN.includes(name))
  return Promise.all(
    entries.map(async (entry): Promise<Operation> => {
      const path = join('/', entry.name)
      return entry.isSymbolicLink()
        ? {op: 'symlink', text: await readlink(path), path}
        : {op: 'bind', source: path, target: path, access: 'ro'}
    }),
  )
}
