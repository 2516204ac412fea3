import {accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {XbuildError} from '../core/errors.js'
import {
  asideGroup,
  findOwnGroup,
  type GroupFacts,
  type GroupPlace,
  groupOwner,
  judgeGroup,
  sessionGroup,
} from '../core/session/control-group.js'
import {type GroupSetting, readEvent} from '../core/session/limits.js'
import {shellLine} from '../core/shell-words.js'

/** A control group (cgroup v2) for one session. */
export interface ControlGroup {
  /** Puts a process into it, and with that all that it starts from then on. */
  add: (pid: number) => void
  /** How often memory ran out so that a program was killed, and how often no further process was allowed. */
  reached: () => {memory: number; pids: number}
  /** Removes it, when what was in it has ended. */
  remove: () => Promise<void>
}

/**
 * Makes a group below this process's own, or beside it, with limits. `command`: what the user called, for the hint.
 * Throws `no-control-group` where none can be had; nothing is left of it then.
 */
export function makeControlGroup(settings: readonly GroupSetting[], command: readonly string[]): ControlGroup {
  const needed = [...new Set(settings.map(({controller}) => controller))]
  const place = findOwnGroup(readOr('/proc/self/cgroup', ''), readOr('/proc/self/mountinfo', ''))
  if (!place) throw noGroup('this process is in no group of cgroup v2 that is mounted', needed, command, undefined)
  const reasons: string[] = []
  for (const facts of candidates(place)) {
    const choice = judgeGroup(facts, needed)
    if (choice.kind === 'unusable') {
      reasons.push(choice.why)
      continue
    }
    sweep(facts.directory)
    const undo: (() => void)[] = []
    try {
      return makeIn(facts.directory, choice, settings, undo)
    } catch (error) {
      undoAll(undo)
      const code = (error as NodeJS.ErrnoException).code
      if (code === undefined) throw error
      reasons.push(`${facts.directory}: ${code}`)
    }
  }
  throw noGroup(reasons.join('; '), needed, command, place)
}

function makeIn(
  directory: string,
  {enable, self}: {enable: readonly string[]; self: 'stays' | 'aside'},
  settings: readonly GroupSetting[],
  undo: (() => void)[],
): ControlGroup {
  const control = join(directory, 'cgroup.subtree_control')
  if (self === 'aside') {
    const aside = join(directory, asideGroup(process.pid))
    mkdirSync(aside)
    undo.push(() => rmdirSync(aside))
    enter(aside, process.pid)
    undo.push(() => enter(directory, process.pid))
  }
  if (enable.length > 0) {
    writeFileSync(control, enable.map(name => `+${name}`).join(' '))
    // The kernel would take them away from another session's group too, and its limits with them.
    undo.push(() => {
      if (!hasSessions(directory)) writeFileSync(control, enable.map(name => `-${name}`).join(' '))
    })
  }
  const group = join(directory, sessionGroup(process.pid))
  mkdirSync(group)
  undo.push(() => rmdirSync(group))
  for (const {file, value, presence} of settings) {
    const path = join(group, file)
    if (presence === 'required' || existsSync(path)) writeFileSync(path, value)
  }
  return {
    add: pid => enter(group, pid),
    reached: () => ({
      memory: readEvent(readOr(join(group, 'memory.events'), ''), 'oom_kill'),
      pids: readEvent(readOr(join(group, 'pids.events'), ''), 'max'),
    }),
    remove: async () => {
      await emptied(group)
      undoAll(undo)
    },
  }
}

/** Whether a session is in a group below it: another one, or one that others have joined and that goes on. */
const hasSessions = (directory: string) =>
  readdirSync(directory).some(name => groupOwner(name) !== undefined && name !== asideGroup(process.pid))

const enter = (group: string, pid: number) => writeFileSync(join(group, 'cgroup.procs'), String(pid))

/** What cannot be undone stays until the next session there sweeps it, or systemd removes the scope. */
function undoAll(undo: (() => void)[]): void {
  for (const step of undo.splice(0).reverse()) {
    try {
      step()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
    }
  }
}

/** Processes that were killed leave their group a moment later. ms; in all, a second. */
const PAUSE_MS = 10
const PAUSES = 100

async function emptied(group: string): Promise<void> {
  for (let left = PAUSES; left > 0 && readEvent(readOr(join(group, 'cgroup.events'), ''), 'populated') > 0; left--) await sleep(PAUSE_MS)
}

/** Groups of sessions whose xbuild-env was killed. */
function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const owner = groupOwner(name)
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) undoAll([() => rmdirSync(join(directory, name))])
  }
}

/** This process's own group, and the one that holds it. */
function candidates({mount, directory}: GroupPlace): GroupFacts[] {
  const own = lookAt(directory, 'own')
  return directory === mount ? [own] : [own, lookAt(dirname(directory), 'parent')]
}

function lookAt(directory: string, role: GroupFacts['role']): GroupFacts {
  const words = (file: string) => readOr(join(directory, file), '').split(/\s+/).filter(Boolean)
  return {
    directory,
    role,
    access: ['', 'cgroup.procs', 'cgroup.subtree_control'].every(file => mayWrite(join(directory, file))) ? 'writable' : 'refused',
    position: existsSync(join(directory, 'cgroup.type')) ? 'inner' : 'root',
    controllers: words('cgroup.controllers'),
    enabled: words('cgroup.subtree_control'),
    others: words('cgroup.procs').filter(pid => pid !== String(process.pid)).length,
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

/** `place`: undefined where the host has no groups at all that could be had. */
function noGroup(why: string, needed: readonly string[], command: readonly string[], place: GroupPlace | undefined): XbuildError {
  return new XbuildError('no-control-group', `no control group for the session's limits: ${why}`, {hint: hint(needed, command, place)})
}

function hint(needed: readonly string[], command: readonly string[], place: GroupPlace | undefined): string {
  const offered = place ? readOr(join(place.mount, 'cgroup.controllers'), '').split(/\s+/) : []
  const missing = needed.filter(controller => !offered.includes(controller))
  if (missing.length > 0) {
    return `cgroup v2 has no ${missing.join(' and no ')} controller here: start Linux with systemd.unified_cgroup_hierarchy=1, or leave the limits out`
  }
  const uid = process.getuid?.() ?? 0
  // sd_booted(3); and the socket of the user's own systemd
  const [manager, words] = uid === 0 ? ['/run/systemd/system', []] : [`/run/user/${uid}/systemd/private`, ['--user']]
  if (!existsSync(manager))
    return 'start it in a group of cgroup v2 that belongs to this user and has no other processes, or leave the limits out'
  return shellLine(['systemd-run', ...words, '--scope', '-p', 'Delegate=yes', '--', 'xbuild-env', ...command])
}
