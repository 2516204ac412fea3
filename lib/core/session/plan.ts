/**
 * What a session is made of, as plain data: made by pure functions, printed by `--dry-run`, executed by
 * shims/session in the order given.
 */

import {XbuildError} from '../errors.js'
import {ROUTES_FD} from '../places.js'

/** A path of the host. */
export type HostPath = string
/** A path inside the session. */
export type SessionPath = string

export type Operation =
  /** The layers of the session's root, topmost first; without an upper layer, changes are kept in memory only. */
  | {op: 'root'; upper: HostPath | undefined; work: HostPath | undefined; lower: readonly HostPath[]}
  /** The same at a place in the session: a view of a directory of the host's that keeps apart what is changed. */
  | {op: 'overlay'; target: SessionPath; upper: HostPath; work: HostPath; lower: readonly HostPath[]}
  /** Of what it shows, device nodes can be opened only where it is the host's /dev, see `devicesOf`. */
  | {op: 'bind'; source: HostPath; target: SessionPath; access: 'rw' | 'ro'}
  | {op: 'mount'; type: 'proc' | 'tmpfs' | 'devpts' | 'mqueue'; target: SessionPath; options: string}
  /** sysfs of the session's own network; the host's where the kernel refuses that, as in some containers. */
  | {op: 'devices'; target: SessionPath}
  | {op: 'directory'; path: SessionPath}
  | {op: 'symlink'; text: string; path: SessionPath}
  /** Makes a part of the session read-only. */
  | {op: 'protect'; path: SessionPath}
  /** Keeps a host directory open, read-only, as a descriptor of PID 1, mounted nowhere. */
  | {op: 'hold'; fd: number; source: HostPath}
  | {op: 'binfmt'; entry: BinfmtEntry}
  /** The session's binfmt_misc has the entries of the table of routes, as that is at any time. */
  | {op: 'follow'}
  | {op: 'hostname'; name: string}
  /** PID 1 records each exec, and each end of a process. */
  | {op: 'trace'}
  /** Nothing is written out to the disk on request (fsync and its like): for what is made anew, and written out when complete. */
  | {op: 'drop-syncs'}
  /** Limits on memory are set as they are asked for: elsewhere they are accepted alone, since the emulator does no more. */
  | {op: 'keep-limits'}
  /** The root made so far becomes the session's, and the host's tree is gone. */
  | {op: 'enter'}

/** An entry of binfmt_misc, https://docs.kernel.org/admin-guide/binfmt-misc.html */
export interface BinfmtEntry {
  name: string
  offset: number
  /** Bytes, as `\xHH` for each. */
  magic: string
  mask: string
  interpreter: HostPath
  flags: string
}

/** Three numbers each, as newuidmap(1) takes them. */
export interface IdRange {
  inside: number
  outside: number
  count: number
}

export interface IdMap {
  way: 'newuidmap' | 'direct'
  uids: readonly IdRange[]
  gids: readonly IdRange[]
}

export type GuestCommand =
  /** What runs in the session. Bytes where they come from the user: neither arguments nor variables need be UTF-8. */
  | {
      kind: 'execute'
      argv: readonly Buffer[]
      variables: readonly Buffer[]
      directory: string
      uid: number
      gid: number
      groups: readonly number[]
    }
  /**
   * Nothing: PID 1 keeps the session, and with it the view of its tree, until it is told to end, and ends with 0. No file
   * of the environment takes part in it.
   */
  | {kind: 'hold'}
  /** Nothing either: what comes goes to a server of the session's own, at a port of its loopback interface, and what that says back. */
  | {kind: 'connect'; port: number}

/** Variables as a command has them. */
export const variablesOf = (variables: Readonly<Record<string, string>>): Buffer[] =>
  Object.entries(variables).map(([name, value]) => Buffer.from(`${name}=${value}`))

/** Who may come to a session beside its command; undefined: nobody. */
export type Company =
  /** Others join it: it ends with the last command. */
  | {kind: 'joins'; socket: HostPath}
  /** It has no command at first, and ends when it is told to; `kept`: or with this process. */
  | {kind: 'held' | 'kept'; socket: HostPath}

export interface SessionPlan {
  ids: IdMap
  network: 'host' | 'own'
  terminal: boolean
  /** `locked`: the guest can neither take the session's mounts away nor get around them. */
  mounts: 'open' | 'locked'
  operations: readonly Operation[]
  command: GuestCommand
  company?: Company
}

export const isHostRoot = (ids: IdMap) => ids.uids.some(range => range.outside === 0)

/** What keeps the guest from undoing the session's mounts, where the host's root is the session's. */
export const mountsFor = (ids: IdMap): SessionPlan['mounts'] => (isHostRoot(ids) ? 'locked' : 'open')

type Value = string | number | Buffer
type Put = (...values: Value[]) => void
type PutList = (values: readonly Value[]) => void

/** The plan as shims/session reads it: strings that end in NUL, a list preceded by its length. */
export function encodePlan(plan: SessionPlan): Buffer {
  const {bytes, put, putList} = encoder()
  put(plan.ids.way)
  putList(plan.ids.uids.flatMap(range => [range.inside, range.outside, range.count]))
  putList(plan.ids.gids.flatMap(range => [range.inside, range.outside, range.count]))
  put(plan.network === 'own' ? 'own-network' : 'host-network', plan.terminal ? 'terminal' : 'plain', plan.mounts)
  put(hasOwnRoot(plan) ? 'own-root' : 'host-tree')
  put(plan.company?.kind ?? 'alone', plan.company?.socket ?? '')
  putList(sharedPaths(plan))
  for (const operation of plan.operations) encodeOperation(operation, put, putList)
  put('run')
  encodeCommand(plan.command, put, putList)
  return bytes()
}

/** A command for a session that runs, as shims/session/join.c reads it. */
export interface JoinPlan {
  socket: HostPath
  terminal: boolean
  /** `own`: whatever the session has. */
  network: 'session' | 'own'
  command: GuestCommand
}

export function encodeJoin({socket, terminal, network, command}: JoinPlan): Buffer {
  const {bytes, put, putList} = encoder()
  put(terminal ? 'terminal' : 'plain', network === 'own' ? 'own-network' : 'session-network', socket)
  encodeCommand(command, put, putList)
  return bytes()
}

function encoder(): {bytes: () => Buffer; put: Put; putList: PutList} {
  const strings: Buffer[] = []
  const put: Put = (...values) => {
    for (const value of values) {
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value))
      if (bytes.includes(0)) throw new XbuildError('usage', 'a NUL character can stand in no argument, variable or path')
      strings.push(bytes, NUL)
    }
  }
  return {bytes: () => Buffer.concat(strings), put, putList: values => put(values.length, ...values)}
}

const hasOwnRoot = ({operations}: SessionPlan) => operations.some(({op}) => op === 'root')

/** Where sysfs is the host's, or control groups are, see mount_devices in shims/session/mounts.c. */
const DEVICE_SOURCES = ['/sys', '/sys/fs/cgroup']

/** The paths of the host that a session with a root of its own reads, and that nothing in it can change or make writable. */
export function sharedPaths(plan: SessionPlan): HostPath[] {
  if (!hasOwnRoot(plan)) return []
  const paths = plan.operations.flatMap((operation): HostPath[] => {
    switch (operation.op) {
      case 'bind':
        return operation.access === 'ro' ? [operation.source] : []
      case 'hold':
        return [operation.source]
      case 'binfmt':
        return [operation.entry.interpreter]
      case 'devices':
        return DEVICE_SOURCES
      default:
        return []
    }
  })
  return [...new Set(paths)]
}

/** A command without words is none. */
function encodeCommand(command: GuestCommand, put: Put, putList: PutList): void {
  put(command.kind)
  switch (command.kind) {
    case 'execute':
      if (command.argv.length === 0) throw new Error('a command has at least its name')
      put(command.directory, command.uid, command.gid)
      putList(command.groups)
      putList(command.variables)
      return putList(command.argv)
    case 'hold':
    case 'connect':
      put('/', 0, 0)
      putList([])
      putList([])
      return putList(command.kind === 'connect' ? [command.port] : [])
  }
}

/** The same session, traced. */
export const tracedPlan = (plan: SessionPlan): SessionPlan => ({...plan, operations: [{op: 'trace'}, ...plan.operations]})

/** A directory of the host's as sessions see it, unchanged itself: `upper` keeps what they change, from one to the next. */
export interface View {
  directory: HostPath
  upper: HostPath
  work: HostPath
}

/** The same session, with a directory's view at the directory's own path. */
export const planWithView = (plan: SessionPlan, {directory, upper, work}: View): SessionPlan => ({
  ...plan,
  operations: plan.operations.flatMap((operation): Operation[] =>
    operation.op === 'enter' ? [{op: 'overlay', target: directory, upper, work, lower: [directory]}, operation] : [operation],
  ),
})

/** The same session, which keeps what it changes in the environment in directories of its own, for the next of a row. */
export const planWithChangesIn = (plan: SessionPlan, upper: HostPath, work: HostPath): SessionPlan => ({
  ...plan,
  operations: plan.operations.map(operation => (operation.op === 'root' ? {...operation, upper, work} : operation)),
})

/** The same session, whose activator goes by another table of routes. */
export const planWithRoutes = (plan: SessionPlan, directory: HostPath): SessionPlan => ({
  ...plan,
  operations: plan.operations.map(operation =>
    operation.op === 'hold' && operation.fd === ROUTES_FD ? {...operation, source: directory} : operation,
  ),
})

/**
 * A bound directory may hold a device node that anybody made, and a session of the host's root may open what root may. So
 * the devices are those that /dev has, which somebody named.
 */
const devicesOf = (source: HostPath): 'usable' | 'dead' => (/^\/dev(\/|$)/.test(source) ? 'usable' : 'dead')

const NUL = Buffer.from([0])

function encodeOperation(operation: Operation, put: Put, putList: PutList): void {
  switch (operation.op) {
    case 'root':
      put('root', operation.upper ?? '', operation.work ?? '')
      return putList(operation.lower)
    case 'overlay':
      put('overlay', operation.target, operation.upper, operation.work)
      return putList(operation.lower)
    case 'bind':
      return put('bind', operation.source, operation.target, operation.access, devicesOf(operation.source))
    case 'mount':
      return put('mount', operation.type, operation.target, operation.options)
    case 'devices':
      return put('devices', operation.target)
    case 'directory':
      return put('directory', operation.path)
    case 'symlink':
      return put('symlink', operation.text, operation.path)
    case 'protect':
      return put('protect', operation.path)
    case 'hold':
      return put('hold', operation.fd, operation.source)
    case 'binfmt': {
      const {name, offset, magic, mask, interpreter, flags} = operation.entry
      return put('binfmt', name, offset, magic, mask, interpreter, flags)
    }
    case 'hostname':
      return put('hostname', operation.name)
    case 'follow':
      return put('follow')
    case 'trace':
    case 'drop-syncs':
    case 'keep-limits':
      return put(operation.op)
    case 'enter':
      return put('enter')
  }
}

/** One operation as a line that a person can read. */
export function describeOperation(operation: Operation): string {
  switch (operation.op) {
    case 'root':
      return `root of ${operation.lower.join(', ')}; changes ${operation.upper === undefined ? 'in memory' : `in ${operation.upper}`}`
    case 'overlay':
      return `show ${operation.lower.join(', ')} at ${operation.target}; changes in ${operation.upper}`
    case 'bind':
      return `bind ${operation.source} at ${operation.target}${operation.access === 'ro' ? ', read-only' : ''}`
    case 'mount':
      return `mount ${operation.type} at ${operation.target}`
    case 'devices':
      return `mount sysfs at ${operation.target}, read-only`
    case 'directory':
      return `make directory ${operation.path}`
    case 'symlink':
      return `link ${operation.path} to ${operation.text}`
    case 'protect':
      return `make ${operation.path} read-only`
    case 'hold':
      return `hold ${operation.source} as descriptor ${operation.fd} of PID 1`
    case 'binfmt':
      return `register ${operation.entry.name} in the session's binfmt_misc, flags ${operation.entry.flags}`
    case 'hostname':
      return `name the host ${operation.name}`
    case 'follow':
      return "keep the session's binfmt_misc as the entries of the activator are"
    case 'trace':
      return 'record each exec'
    case 'drop-syncs':
      return 'let fsync and its like do nothing'
    case 'keep-limits':
      return 'set limits on memory as they are asked for'
    case 'enter':
      return 'enter the root'
  }
}
