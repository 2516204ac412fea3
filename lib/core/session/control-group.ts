/** Rules for control groups (cgroup v2): where this process is, and where a group for a session can be made. */

/** Where a process's own group is seen: `mount` is the whole hierarchy, or what is mounted of it. */
export interface GroupPlace {
  mount: string
  directory: string
}

/** man 5 proc_pid_mountinfo: odd characters are \ooo. */
const plainField = (field: string) => field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** Of /proc/self/cgroup: `0::/user.slice/…`. man 7 cgroups */
function ownGroup(cgroup: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1]
  // One outside of the process's cgroup namespace, or that somebody has removed, cannot be reached by its name.
  return path === undefined || path.startsWith('/..') || path.endsWith(' (deleted)') ? undefined : path
}

/** The directory of a process's own group; undefined where no hierarchy of cgroup v2 that has it is mounted. */
export function findOwnGroup(cgroup: string, mountinfo: string): GroupPlace | undefined {
  const group = ownGroup(cgroup)
  if (group === undefined) return undefined
  for (const line of mountinfo.split('\n')) {
    const [fields = '', rest = ''] = line.split(' - ')
    if (!rest.startsWith('cgroup2 ')) continue
    const [, , , root = '', mount = ''] = fields.split(' ').map(plainField)
    const below = root === '/' ? group : group === root ? '/' : group.startsWith(`${root}/`) ? group.slice(root.length) : undefined
    if (below !== undefined) return {mount, directory: below === '/' ? mount : mount + below}
  }
  return undefined
}

/** A group in which one for a session could be made. */
export interface GroupFacts {
  directory: string
  /** `own`: this process is in it. `parent`: it is in one below it. */
  role: 'own' | 'parent'
  access: 'writable' | 'refused'
  /** Whether it is the root of all groups, for which the rule of no internal processes does not count. */
  position: 'root' | 'inner'
  /** cgroup.controllers and cgroup.subtree_control. */
  controllers: readonly string[]
  enabled: readonly string[]
  /** How many processes are in it besides this one. */
  others: number
}

export type GroupChoice =
  /** `aside`: this process has to leave the group first. `enable`: for groups below it. */
  {kind: 'usable'; enable: readonly string[]; self: 'stays' | 'aside'} | {kind: 'unusable'; why: string}

const unusable = (why: string): GroupChoice => ({kind: 'unusable', why})

/**
 * Whether a session's group can be made in a group. Controllers are for groups below only where no process is in the group
 * itself ("no internal processes"), so this process goes aside where it is alone; others' processes are left where they are.
 * A slice is systemd's, which lends only scopes and services. https://systemd.io/CGROUP_DELEGATION/
 */
export function judgeGroup(group: GroupFacts, needed: readonly string[]): GroupChoice {
  if (group.access === 'refused') return unusable(`${group.directory} cannot be written`)
  if (group.directory.endsWith('.slice')) return unusable(`${group.directory} is systemd's own`)
  const missing = needed.filter(controller => !group.controllers.includes(controller))
  if (missing.length > 0) return unusable(`${group.directory} has no controller "${missing.join('", "')}"`)
  const enable = needed.filter(controller => !group.enabled.includes(controller))
  if (enable.length === 0 || group.position === 'root') return {kind: 'usable', enable, self: 'stays'}
  if (group.role === 'parent') return unusable(`${group.directory} does not hand on "${enable.join('", "')}"`)
  if (group.others > 0) return unusable(`${group.directory} has other processes too`)
  return {kind: 'usable', enable, self: 'aside'}
}

/** Names of a session's group, and of the one that xbuild-env is in meanwhile. */
export const sessionGroup = (pid: number) => `xbuild-env-${pid}`
export const asideGroup = (pid: number) => `xbuild-env-${pid}-aside`

/** Whose group it is, by its name; undefined where it is none of ours. */
export function groupOwner(name: string): number | undefined {
  const pid = /^xbuild-env-(\d+)(?:-aside)?$/.exec(name)?.[1]
  return pid === undefined ? undefined : Number(pid)
}
