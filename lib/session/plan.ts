import {join} from 'node:path'
import {ACTIVATOR, activatorEntry} from '../activator/entry.js'
import {
  ACTIVATOR_FD,
  LIBRARY_DIRECTORY,
  LOCALE_DIRECTORY,
  PRELUDES_DIRECTORY,
  PRIVATE_DIRECTORY,
  ROUTES_FD,
  TWINS_FD,
} from '../core/places.js'
import {
  type GuestCommand,
  type HostPath,
  type IdMap,
  isHostRoot,
  mountsFor,
  type Operation,
  type SessionPath,
  type SessionPlan,
} from '../core/session/plan.js'
import type {NetworkFile} from './network-files.js'

export interface Bind {
  source: HostPath
  target: SessionPath
  access: 'rw' | 'ro'
}

/** How the environment's programs run, and what they need for it. */
export type SessionPrograms =
  | {run: 'native'}
  /** As twins, or emulated. */
  | {
      run: 'emulated'
      elf: {magic: string; mask: string}
      endian: 'little' | 'big'
      twins: HostPath
      /** The twin set's own libraries of the host's architecture, relative to it. */
      libraries: string
      /** Dynamic loaders that are shown in the place of those among the libraries. */
      loaders: {directory: HostPath; names: readonly string[]}
      /** What host-native perls and pythons begin with. */
      preludes: HostPath
    }

type TwinFiles = Extract<SessionPrograms, {run: 'emulated'}>

/** All that a session's plan depends on; whoever calls has looked at the machine, this does not. */
export interface SessionInput {
  name: string
  ids: IdMap
  /** `system`: the activator is registered there already, where it is needed. */
  binfmt: 'private' | 'system'
  programs: SessionPrograms
  /** Lower layers, topmost first; the root last. */
  lower: readonly HostPath[]
  /** Undefined: changes are gone with the session. */
  upper: {directory: HostPath; work: HostPath} | undefined
  /** The directory with the table that the activator goes by. */
  routes: HostPath
  binds: readonly Bind[]
  /** What is shown as /proc/cpuinfo; undefined: the kernel's own. */
  processor?: HostPath | undefined
  /** Files that the session needs for its network. */
  networkFiles: readonly NetworkFile[]
  network: 'host' | 'own'
  terminal: boolean
  command: GuestCommand
}

/**
 * Devices that a container gets as well: runtime-spec, "Default Devices". They are the host's own files: read-only
 * keeps chmod from them where root runs xbuild-env, and lets what is written to the devices pass.
 */
const DEVICES = ['full', 'null', 'random', 'tty', 'urandom', 'zero']

const DEVICE_LINKS: readonly [string, string][] = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
]

/** The user's entries come from the table; the target's own is also for a table that says nothing of entries. */
function binfmtOperations({programs}: SessionInput): Operation[] {
  const own: Operation[] = programs.run === 'native' ? [] : [{op: 'binfmt', entry: activatorEntry(programs.elf)}]
  return [{op: 'hold', fd: ACTIVATOR_FD, source: ACTIVATOR}, ...own, {op: 'follow'}]
}

const DEVICE_OPERATIONS: readonly Operation[] = [
  {op: 'mount', type: 'tmpfs', target: '/dev', options: 'mode=755'},
  ...DEVICES.map((name): Operation => ({op: 'bind', source: `/dev/${name}`, target: `/dev/${name}`, access: 'ro'})),
  ...DEVICE_LINKS.map(([text, path]): Operation => ({op: 'symlink', text, path})),
  {op: 'directory', path: '/dev/pts'},
  {op: 'mount', type: 'devpts', target: '/dev/pts', options: 'newinstance,ptmxmode=0666,mode=620,gid=5'},
  {op: 'directory', path: '/dev/shm'},
  {op: 'mount', type: 'tmpfs', target: '/dev/shm', options: 'mode=1777'},
]

const loaderOperations = ({directory, names}: TwinFiles['loaders']): Operation[] =>
  names.map(name => ({op: 'bind', source: join(directory, name), target: join(LIBRARY_DIRECTORY, name), access: 'ro'}))

function programOperations(programs: SessionPrograms): Operation[] {
  switch (programs.run) {
    case 'emulated':
      return [{op: 'hold', fd: TWINS_FD, source: programs.twins}]
    case 'native':
      return [{op: 'keep-limits'}]
  }
}

/** What is there for the activator, and for twins. */
function privateOperations({programs}: SessionInput): Operation[] {
  const directory: Operation = {op: 'directory', path: PRIVATE_DIRECTORY}
  switch (programs.run) {
    case 'emulated':
      return [directory, ...twinOperations(programs)]
    case 'native':
      return [directory]
  }
}

/** Of a twin set, for big-endian targets. */
export const LOCALES = 'usr/lib/locale'

function twinOperations({twins, libraries, loaders, preludes, endian}: TwinFiles): Operation[] {
  return [
    {op: 'bind', source: join(twins, libraries), target: LIBRARY_DIRECTORY, access: 'ro'},
    ...loaderOperations(loaders),
    {op: 'bind', source: preludes, target: PRELUDES_DIRECTORY, access: 'ro'},
    ...(endian === 'big' ? [{op: 'bind', source: join(twins, LOCALES), target: LOCALE_DIRECTORY, access: 'ro'} as const] : []),
  ]
}

/**
 * Files of /proc that the kernel lets its own root write, whatever the namespace: only where root runs xbuild-env is
 * the session's root that one. What bubblewrap and runc make read-only or hide, and of the kernel's other files those that ask for
 * no capability: scsi/scsi takes disks away (drivers/scsi/scsi_proc.c), acpi/wakeup wakes the machine, fs/lockd ends the grace
 * of locks, dynamic_debug/control has the kernel log more (lib/dynamic_debug.c), and statistics are begun anew (kernel/profile.c,
 * kernel/latencytop.c, kernel/locking/lockdep_proc.c). Others are in SECURITY.md.
 */
const KERNEL_SWITCHES = [
  ...['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/acpi', '/proc/scsi', '/proc/asound'],
  ...['/proc/driver', '/proc/dynamic_debug', '/proc/profile', '/proc/latency_stats', '/proc/lock_stat'],
]

/**
 * Who makes a user namespace in the session may mount a /proc of its own there only if one that hides nothing is in reach
 * (fs/namespace.c, mnt_already_visible). So there is one more, below the directory where /dev comes over it, and no path leads there.
 * Where root runs xbuild-env, nobody may anyway.
 */
const WHOLE_PROC: readonly Operation[] = [
  {op: 'mount', type: 'tmpfs', target: '/dev', options: 'mode=755'},
  {op: 'directory', path: '/dev/proc'},
  {op: 'mount', type: 'proc', target: '/dev/proc', options: ''},
]

const processorOperations = (processor: HostPath, ids: IdMap): Operation[] => [
  {op: 'bind', source: processor, target: '/proc/cpuinfo', access: 'ro'},
  ...(isHostRoot(ids) ? [] : WHOLE_PROC),
]

/** The kernel's own file systems, and devices. */
export const systemOperations = (ids: IdMap, network: SessionPlan['network'], processor?: HostPath): Operation[] => [
  {op: 'mount', type: 'proc', target: '/proc', options: ''},
  ...(isHostRoot(ids) ? KERNEL_SWITCHES.map((path): Operation => ({op: 'protect', path})) : []),
  ...(processor === undefined ? [] : processorOperations(processor, ids)),
  network === 'own' ? {op: 'devices', target: '/sys'} : {op: 'bind', source: '/sys', target: '/sys', access: 'ro'},
  ...DEVICE_OPERATIONS,
]

/** Parents before children, so that no mount hides an earlier one; otherwise in the order given. */
export const orderBinds = (binds: readonly Bind[]) =>
  binds.toSorted((a, b) => a.target.split('/').filter(Boolean).length - b.target.split('/').filter(Boolean).length)

/**
 * A read-only bind may lie over a part of what is bound writable, by which path whatever (a link of the root's may lead there):
 * taken away, it would show that part writable. So where there is one, no mount of the session can be taken away.
 */
const mountsOf = ({ids, binds}: SessionInput): SessionPlan['mounts'] =>
  binds.some(({access}) => access === 'ro') ? 'locked' : mountsFor(ids)

export function planSession(input: SessionInput): SessionPlan {
  return {
    ids: input.ids,
    network: input.network,
    terminal: input.terminal,
    mounts: mountsOf(input),
    command: input.command,
    operations: [
      {op: 'hostname', name: input.name},
      {op: 'hold', fd: ROUTES_FD, source: input.routes},
      ...programOperations(input.programs),
      ...(input.binfmt === 'private' ? binfmtOperations(input) : []),
      {op: 'root', upper: input.upper?.directory, work: input.upper?.work, lower: input.lower},
      ...systemOperations(input.ids, input.network, input.processor),
      ...privateOperations(input),
      ...input.networkFiles.map((file): Operation => ({op: 'bind', ...file, access: 'ro'})),
      ...orderBinds(input.binds).map((bind): Operation => ({op: 'bind', ...bind})),
      {op: 'enter'},
    ],
  }
}
