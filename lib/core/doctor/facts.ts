import type {RootAccess} from '../as-root.js'
import type {EntryFacts} from '../binfmt/stale-entries.js'
import type {SystemState} from '../binfmt/system-profiles.js'
import type {CiSystem} from '../ci/system.js'

/** What is known of a host: lib/host/facts.ts gathers it. */

/** Something that was really tried. */
export type Trial = {worked: true} | {worked: false; why: string}

/** Each undefined where it was not tried, since what it needs did not work. */
export interface SessionTrials {
  /** A session as those that make roots and twin sets. */
  trial: Trial
  /** An entry in a binfmt_misc of its own. */
  binfmt: Trial | undefined
  /** An overlay whose changes are kept in the data directory. */
  overlay: Trial | undefined
  /** The same in memory, where a directory is removed and made anew, as dpkg does. */
  memory: Trial | undefined
  /** A bind of a directory that was bound read-only before, as the twin set's while a root is made. */
  binds: Trial | undefined
}

export interface Facts {
  /** As process.versions.node says. */
  node: string
  /** As process.arch says; `known` where it has twin sets. */
  architecture: {name: string; known: boolean}
  /** As `uname -r` says. */
  kernel: string
  user: {name: string; uid: number}
  /** Where xbuild-env runs: in a `chroot`, the kernel lets nobody make user namespaces. */
  surroundings: 'host' | 'chroot' | 'session'
  root: RootAccess
  /** How many ids a session of this user can have, and the command that gives the user what is missing. */
  ids: {uids: number; gids: number; give: readonly string[]}
  /** By program, newuidmap and newgidmap. */
  idPrograms: Readonly<Record<string, 'privileged' | 'plain' | 'absent'>>
  /** The kernel's no_new_privs: set-user-id programs gain nothing. */
  noNewPrivileges: boolean
  namespaces: {
    /** /proc/sys/user/max_user_namespaces */
    limit: number | undefined
    /** Debian's kernel.unprivileged_userns_clone */
    debianSwitch: string | undefined
    /** Ubuntu's kernel.apparmor_restrict_unprivileged_userns */
    apparmorSwitch: string | undefined
    trial: Trial
  }
  /** As /proc/filesystems lists them, once all has been tried. */
  fileSystems: readonly string[]
  binfmt: {
    /** Whose entry hands programs to the activator here. */
    way: 'private' | 'system'
    /** Whether the kernel has binfmt_misc at all. */
    inKernel: boolean
    system: SystemState & {entries: readonly EntryFacts[]}
    /** Profiles whose programs the system's has to hand over: those of the user's environments. */
    profiles: readonly string[]
  }
  /** Undefined where none could be made, for want of the shims. */
  session: SessionTrials | undefined
  /** Programs of the host that were found. */
  programs: readonly string[]
  /** What `mmdebstrap --version` says. */
  mmdebstrap: string | undefined
  /** Suites that the host has Debian's keys of; undefined: no keyring at all. */
  keys: readonly string[] | undefined
  missingShims: readonly string[]
  data: {directory: string; writable: boolean; noexec: boolean; freeBytes: number}
  /** `filtered`: by seccomp; `ci`: of what CI system it runs a job. */
  container: {marker: string; filtered: boolean; ci: CiSystem | undefined} | undefined
}

export interface Finding {
  state: 'ok' | 'warning' | 'missing'
  /** What is the case. */
  what: string
  /** What to do about it. */
  fix?: string
}

export const ok = (what: string): Finding => ({state: 'ok', what})
export const warning = (what: string, fix: string): Finding => ({state: 'warning', what, fix})
export const missing = (what: string, fix: string): Finding => ({state: 'missing', what, fix})
