import type {CiSystem} from './ci-system.js'
import {type EntryFacts, findStale} from './stale-entries.js'

/** What a host can and cannot do, judged from facts. Pure: lib/host/facts.ts gathers the facts. */

/** Something that was really tried. */
export type Trial = {worked: true} | {worked: false; why: string}

export interface Facts {
  /** As process.versions.node says. */
  node: string
  /** As process.arch says; `known` where it has twin sets. */
  architecture: {name: string; known: boolean}
  /** As `uname -r` says. */
  kernel: string
  user: {name: string; uid: number}
  /** How many ids a session of this user can have, besides the user's own. */
  ids: {uids: number; gids: number}
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
  /** As /proc/filesystems lists them. */
  fileSystems: readonly string[]
  systemBinfmt: {mounted: boolean; registered: readonly string[]; entries: readonly EntryFacts[]}
  /** Tried in a session; undefined where none could be made. */
  session: {trial: Trial; binfmt: Trial | undefined; overlay: Trial | undefined} | undefined
  /** Programs of the host that were found. */
  programs: readonly string[]
  /** Suites that the host has Debian's keys of; undefined: no keyring at all. */
  keys: readonly string[] | undefined
  missingShims: readonly string[]
  data: {directory: string; writable: boolean; mountOptions: readonly string[]; freeBytes: number}
  /** `filtered`: by seccomp; `ci`: of what CI system it runs a job. */
  container: {marker: string; filtered: boolean; ci: CiSystem | undefined} | undefined
}

export interface Result {
  name: string
  state: 'ok' | 'warning' | 'missing'
  /** What is the case. */
  what: string
  /** What to do about it. */
  fix?: string
}

type Finding = Omit<Result, 'name'>

const ok = (what: string): Finding => ({state: 'ok', what})
const warning = (what: string, fix: string): Finding => ({state: 'warning', what, fix})
const missing = (what: string, fix: string): Finding => ({state: 'missing', what, fix})

/** What a session's mounts need: mount_setattr(2) is of 5.12; overlayfs in user namespaces, overlayfs.rst, of 5.11. */
const KERNEL_NEEDED = '5.12'
/** user.* attributes on tmpfs, which overlayfs keeps its own in: man 5 xattr. */
const KERNEL_TMPFS_ATTRIBUTES = '6.6'
/** An instance of binfmt_misc for each user namespace: kernel commit 21ca59b365c0. */
const KERNEL_PRIVATE_BINFMT = '6.7'

/** package.json, "engines" */
const NODE_NEEDED = '20'

/** As many users as Debian has (Policy 9.2.2), without root. */
const IDS_NEEDED = 65535

/** A root, its twin set, and some room to build. */
const FREE_BYTES_WANTED = 1.5e9

/** Whether a version begins with numbers that are at least the others. */
export function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(/[.-]/).map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

export const hasPrivateBinfmt = (kernel: string) => isAtLeast(kernel, KERNEL_PRIVATE_BINFMT)

export const checkNode = ({node}: Facts): Finding =>
  isAtLeast(node, NODE_NEEDED) ? ok(`Node ${node}`) : missing(`Node ${node} is too old`, `install Node ${NODE_NEEDED} or later`)

export const checkArchitecture = ({architecture}: Facts): Finding =>
  architecture.known
    ? ok(`this machine is ${architecture.name}`)
    : missing(`this machine is ${architecture.name}, which has no twin sets yet`, 'run xbuild-env on an x64 or arm64 machine')

export function checkKernel({kernel}: Facts): Finding {
  if (!isAtLeast(kernel, KERNEL_NEEDED)) {
    return missing(
      `Linux ${kernel} lacks mounts that sessions need`,
      `boot Linux ${KERNEL_NEEDED} or later, ${KERNEL_PRIVATE_BINFMT} at best`,
    )
  }
  if (!isAtLeast(kernel, KERNEL_TMPFS_ATTRIBUTES)) {
    return warning(
      `Linux ${kernel}: in --ephemeral sessions dpkg may fail, for want of user attributes on tmpfs`,
      `install packages in lasting sessions, or boot Linux ${KERNEL_TMPFS_ATTRIBUTES} or later`,
    )
  }
  return ok(`Linux ${kernel}`)
}

export function checkNamespaces({namespaces, user, session, container}: Facts): Finding {
  const {limit, debianSwitch, apparmorSwitch, trial} = namespaces
  if (session?.trial.worked) return ok(`${user.name} may make user namespaces`)
  if (limit === 0) return missing('user namespaces are switched off', 'as root: sysctl user.max_user_namespaces=15000')
  if (user.uid !== 0 && debianSwitch === '0') {
    return missing('only root may make user namespaces', 'as root: sysctl kernel.unprivileged_userns_clone=1')
  }
  if (user.uid !== 0 && apparmorSwitch === '1') {
    return missing(
      'AppArmor keeps ordinary users out of user namespaces',
      'as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or give xbuild-session an AppArmor profile with "userns,"',
    )
  }
  if (!trial.worked)
    return missing(
      `a user namespace cannot be made: ${trial.why}`,
      container ? containerFix(container) : 'ask whoever runs this host: a security module forbids it',
    )
  return ok(`${user.name} may make user namespaces`)
}

export function checkIds({ids, user}: Facts): Finding {
  const least = Math.min(ids.uids, ids.gids)
  if (least >= IDS_NEEDED) return ok(user.uid === 0 ? 'root has ids for all users of a root' : `${user.name} has ${least} subordinate ids`)
  if (user.uid === 0)
    return missing(
      `root has ${least} ids in this container or namespace, and Debian needs ${IDS_NEEDED}`,
      'start the container with a larger id map',
    )
  const files = [...(ids.uids < IDS_NEEDED ? ['/etc/subuid'] : []), ...(ids.gids < IDS_NEEDED ? ['/etc/subgid'] : [])]
  return missing(
    `${user.name} has no range of ${IDS_NEEDED} subordinate ids in ${files.join(' and ')}`,
    `as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user.name}`,
  )
}

export function checkIdPrograms({idPrograms, noNewPrivileges, user}: Facts): Finding {
  if (user.uid === 0) return ok('root needs neither newuidmap nor newgidmap')
  const having = (state: string) => Object.keys(idPrograms).filter(name => idPrograms[name] === state)
  const [absent, plain] = [having('absent'), having('plain')]
  if (absent.length > 0) return missing(`${absent.join(' and ')}: not installed`, 'as root: apt-get install uidmap')
  if (plain.length > 0)
    return missing(`${plain.join(' and ')}: without the privilege to map ids`, `as root: chmod u+s $(command -v ${plain.join(' ')})`)
  if (noNewPrivileges)
    return missing('newuidmap gains no privilege here (no_new_privs)', 'start the container or service without no-new-privileges')
  return ok('newuidmap and newgidmap')
}

/** Docker's and podman's usual filter forbids namespaces and mounts, and what they mask in /proc a fresh /proc. */
const CONTAINER_FIX =
  'start the container with --privileged, or with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined'

/** Where each CI system is told how to start its containers. */
const CI_FIXES: Record<CiSystem, string> = {
  github: "in the workflow, add to the job's container: options: --privileged",
  gitlab: "in the runner's config.toml, add to [runners.docker]: privileged = true",
  woodpecker: 'in the pipeline, add to the step: privileged: true; the repository has to be trusted for it, in its settings',
}

const containerFix = ({ci}: NonNullable<Facts['container']>) => (ci === undefined ? CONTAINER_FIX : CI_FIXES[ci])

export function checkContainer({container, session}: Facts): Finding {
  if (!container) return ok('not in a container')
  const {marker, filtered} = container
  if (session?.trial.worked) return ok(`in a container (${marker}) that allows sessions`)
  return filtered
    ? warning(`in a container (${marker}) with a system call filter, which may forbid namespaces`, containerFix(container))
    : ok(`in a container (${marker}) without a system call filter`)
}

export function checkBinfmt({kernel, fileSystems, systemBinfmt, session}: Facts): Finding {
  const {mounted, registered} = systemBinfmt
  const trial = session?.binfmt
  if (trial?.worked) return ok('each session has an instance of its own')
  if (!fileSystems.includes('binfmt_misc'))
    return missing('this kernel has no binfmt_misc, or has not loaded it', 'as root: modprobe binfmt_misc')
  if (hasPrivateBinfmt(kernel)) {
    if (trial === undefined) return ok('not tried, for want of a session')
    return missing(`a session cannot have an instance of its own: ${trial.why}`, 'ask whoever runs this host: a security module forbids it')
  }
  if (registered.length > 0) return ok(`the system's, with ${registered.join(', ')}`)
  return missing(
    `Linux before ${KERNEL_PRIVATE_BINFMT} has no instance for a session alone, and the system's has no entry of xbuild-env`,
    `as root: ${mounted ? '' : 'mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc; '}xbuild-env system register PROFILE`,
  )
}

export function checkEntries({systemBinfmt}: Facts): Finding {
  const stale = findStale(systemBinfmt.entries)
  if (stale.length === 0) return ok(systemBinfmt.entries.length === 0 ? 'none' : systemBinfmt.entries.map(({name}) => name).join(', '))
  const fixes = [...new Set(stale.map(({fix}) => fix))]
  return warning(stale.map(({name, what}) => `${name}: ${what}`).join('; '), fixes.join('; '))
}

export function checkOverlay({fileSystems, session, data}: Facts): Finding {
  const trial = session?.overlay
  if (trial?.worked) return ok(`works in ${data.directory}`)
  if (!fileSystems.includes('overlay')) return missing('this kernel has no overlayfs, or has not loaded it', 'as root: modprobe overlay')
  if (trial === undefined) return ok('there, but not tried, for want of a session')
  return missing(
    `it cannot keep changes in ${data.directory}: ${trial.why}`,
    'keep the data on a local file system such as ext4, xfs or btrfs: XBUILD_ENV_DATA=/some/directory',
  )
}

export function checkSession({session, missingShims, container}: Facts): Finding {
  if (missingShims.length > 0 || !session) return missing('not tried: the shims are not built', 'npm run build')
  return session.trial.worked
    ? ok('one was made, and ended')
    : missing(session.trial.why, container ? containerFix(container) : 'mend what is missing above; where nothing is, please report it')
}

export const checkShims = ({missingShims}: Facts): Finding =>
  missingShims.length === 0 ? ok('built') : missing(`not built: ${missingShims.join(', ')}`, 'npm run build')

/** Only for building the shims. */
export function checkCompiler({programs, missingShims}: Facts): Finding {
  const absent = ['cc', 'make'].filter(name => !programs.includes(name))
  if (absent.length === 0) return ok('cc and make')
  if (missingShims.length === 0) return ok(`no ${absent.join(' and ')}, but the shims are built`)
  return missing(`${absent.join(' and ')}: not installed, to build the shims with`, 'as root: apt-get install gcc libc6-dev make')
}

const checkProgram =
  (name: string, packageName: string) =>
  ({programs}: Facts): Finding =>
    programs.includes(name) ? ok('installed') : missing('not installed', `as root: apt-get install ${packageName}`)

/** Without gpg, mmdebstrap cannot choose a keyring, and apt's own is all that is trusted: man 1 mmdebstrap. */
export function checkKeys({keys, programs}: Facts, suites: readonly string[]): Finding {
  if (!keys) return missing("the keys of Debian's archive are not installed", 'as root: apt-get install debian-archive-keyring')
  const absent = suites.filter(suite => !keys.includes(suite))
  if (absent.length > 0) {
    return warning(
      `no key of ${absent.join(', ')}`,
      'as root: upgrade debian-archive-keyring (2023.3+deb12u2 and later have the key of trixie)',
    )
  }
  if (!programs.includes('gpg')) return warning('gpg is not installed, mmdebstrap chooses keys with it', 'as root: apt-get install gpg')
  return ok(suites.join(', '))
}

export function checkData({data}: Facts): Finding {
  if (!data.writable)
    return missing(`${data.directory} cannot be written`, 'keep the data where you may write: XBUILD_ENV_DATA=/some/directory')
  if (data.mountOptions.includes('noexec')) {
    return missing(
      `${data.directory} is mounted noexec, and programs of a twin set run from it`,
      'keep the data elsewhere: XBUILD_ENV_DATA=/some/directory',
    )
  }
  return ok(data.directory)
}

export function checkSpace({data}: Facts): Finding {
  const free = `${(data.freeBytes / 1e9).toFixed(1)} GB free`
  if (data.freeBytes >= FREE_BYTES_WANTED) return ok(free)
  return warning(
    `${free}, an environment takes about ${FREE_BYTES_WANTED / 1e9} GB`,
    'free some space, or keep the data elsewhere: XBUILD_ENV_DATA=/a/larger/disk',
  )
}

/** In the order in which they are to be mended. */
export function diagnose(facts: Facts, suites: readonly string[]): Result[] {
  const checks: readonly [string, (facts: Facts) => Finding][] = [
    ['node', checkNode],
    ['architecture', checkArchitecture],
    ['shims', checkShims],
    ['compiler', checkCompiler],
    ['kernel', checkKernel],
    ['container', checkContainer],
    ['user namespaces', checkNamespaces],
    ['ids', checkIds],
    ['id programs', checkIdPrograms],
    ['data directory', checkData],
    ['free space', checkSpace],
    ['overlayfs', checkOverlay],
    ['binfmt_misc', checkBinfmt],
    ["system's entries", checkEntries],
    ['session', checkSession],
    ['mmdebstrap', checkProgram('mmdebstrap', 'mmdebstrap')],
    ['flock', checkProgram('flock', 'util-linux')],
    ["Debian's keys", known => checkKeys(known, suites)],
  ]
  return checks.map(([name, check]) => ({name, ...check(facts)}))
}

export const isUsable = (results: readonly Result[]) => results.every(({state}) => state !== 'missing')
