import {constants} from 'node:fs'
import {access, readdir, stat, statfs} from 'node:fs/promises'
import {release} from 'node:os'
import {delimiter, join} from 'node:path'
import type {CiSystem} from '../core/ci/system.js'
import {DEBIAN} from '../core/distributions/debian.js'
import type {ArchiveKeys} from '../core/distributions/distribution.js'
import type {Facts} from '../core/doctor/facts.js'
import {findHost} from '../core/hosts/hosts.js'
import type {IdRange} from '../core/session/plan.js'
import {countSubordinates, giveIds, nameUser} from '../core/session/subordinate-ids.js'
import {type Binfmt, isBinfmtPrivate} from './binfmt.js'
import {isThere, readFileIfThere} from './files.js'
import {idMap, readSubordinateFiles, userName} from './ids.js'
import {existingPart, isNoexec} from './mount-options.js'
import {plainVariables} from './programs.js'
import {rootAccess} from './root-access.js'
import {run} from './run.js'
import {shim} from './shims.js'
import {kernelHasBinfmt, readSystem} from './system-binfmt.js'
import {tryNamespace, trySession} from './trials.js'

export interface FactsInput {
  /** The data directory, which need not be there yet. */
  data: string
  /** As the settings ask for it. */
  binfmt: Binfmt | undefined
  /** Of the user's environments. */
  profiles: readonly string[]
}

/** Looks at the host, and tries a session in it. Nothing of that is left. */
export async function gatherFacts({data, binfmt, profiles}: FactsInput): Promise<Facts> {
  const name = userName()
  const uid = process.geteuid?.() ?? 0
  const status = (await readFileIfThere('/proc/self/status')) ?? ''
  const directory = existingPart(data)
  const writable = await may(directory, constants.W_OK | constants.X_OK)
  const missingShims = (['xbuild-session', 'xbuild-activator'] as const).map(shim).filter(path => !isThere(path))
  const session = missingShims.length > 0 ? undefined : await trySession(writable ? directory : undefined, binfmt)
  return {
    node: process.versions.node,
    architecture: {name: process.arch, known: findHost(process.arch) !== undefined},
    kernel: release(),
    user: {name: name ?? String(uid), uid},
    root: rootAccess(),
    surroundings: await findSurroundings(),
    ids: await availableIds(name, uid),
    idPrograms: {newuidmap: await idProgram('newuidmap'), newgidmap: await idProgram('newgidmap')},
    noNewPrivileges: statusNumber(status, 'NoNewPrivs') === 1,
    namespaces: {
      limit: optionalNumber(await readFileIfThere('/proc/sys/user/max_user_namespaces')),
      debianSwitch: (await readFileIfThere('/proc/sys/kernel/unprivileged_userns_clone'))?.trim(),
      apparmorSwitch: (await readFileIfThere('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'))?.trim(),
      trial: await tryNamespace(),
    },
    binfmt: {
      way: isBinfmtPrivate(binfmt) ? 'private' : 'system',
      inKernel: kernelHasBinfmt(),
      system: await readSystem(),
      profiles,
    },
    fileSystems: parseFileSystems((await readFileIfThere('/proc/filesystems')) ?? ''),
    session,
    programs: await findPrograms(['apt-get', 'flock', 'cc', 'make', 'gpg']),
    mmdebstrap: await mmdebstrapVersion(),
    keys: await archiveKeys(DEBIAN.keys),
    missingShims,
    data: {directory: data, writable, noexec: await isNoexec(data), freeBytes: await freeBytes(directory)},
    container: findContainer(status),
  }
}

const may = (path: string, mode: number) =>
  access(path, mode).then(
    () => true,
    () => false,
  )

async function freeBytes(path: string): Promise<number> {
  const {bavail, bsize} = await statfs(path)
  return bavail * bsize
}

/** A field of /proc/self/status: man 5 proc_pid_status. */
const statusNumber = (status: string, field: string) => Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0)

const optionalNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text))

/** `nodev<tab>name`, or without nodev: man 5 proc_filesystems. */
const parseFileSystems = (text: string) => text.split('\n').flatMap(line => line.split('\t').slice(1))

async function availableIds(user: string | undefined, uid: number): Promise<Facts['ids']> {
  if (uid === 0) {
    const {uids, gids} = await idMap()
    const sum = (ranges: readonly IdRange[]) => ranges.reduce((total, {count}) => total + count, 0)
    return {uids: sum(uids), gids: sum(gids), give: []}
  }
  if (user === undefined) return {uids: 0, gids: 0, give: nameUser(uid, process.getegid?.() ?? 0)}
  const files = await readSubordinateFiles()
  const count = (text: string) => countSubordinates(text, user, uid)
  return {uids: count(files.subuid), gids: count(files.subgid), give: giveIds(files, user, uid)}
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of (plainVariables().PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(directory, name)
    if (await may(path, constants.X_OK)) return path
  }
  return undefined
}

async function findPrograms(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map(findProgram))
  return names.filter((_, i) => found[i] !== undefined)
}

async function mmdebstrapVersion(): Promise<string | undefined> {
  if ((await findProgram('mmdebstrap')) === undefined) return undefined
  const {stdout} = await run('mmdebstrap', ['--version'])
  return stdout.trim()
}

/** set-user-id (S_ISUID, man 7 inode), or with the capability; where getcap is not installed, a plain one is believed. */
async function idProgram(name: string): Promise<'privileged' | 'plain' | 'absent'> {
  const path = await findProgram(name)
  if (path === undefined) return 'absent'
  const {mode, uid} = await stat(path)
  if ((mode & 0o4000) !== 0 && uid === 0) return 'privileged'
  if ((await findProgram('getcap')) === undefined) return 'privileged'
  const {stdout} = await run('getcap', [path])
  return /cap_set[ug]id/.test(stdout) ? 'privileged' : 'plain'
}

const KEYRINGS = '/usr/share/keyrings'

/** The suites of which there is a file of keys; undefined where the distribution's keys are not installed. */
async function archiveKeys({isWhole, suiteOf}: ArchiveKeys): Promise<string[] | undefined> {
  const files = isThere(KEYRINGS) ? await readdir(KEYRINGS) : []
  return files.some(isWhole) ? files.flatMap(file => suiteOf(file) ?? []) : undefined
}

/**
 * A session has our PID 1. A chroot's root is another than that of PID 1, where that may be asked; and what is mounted at / is no
 * entry of mountinfo, unless the chroot is a mount of its own. man 5 proc_pid_mountinfo
 */
async function findSurroundings(): Promise<Facts['surroundings']> {
  if ((await readFileIfThere('/proc/1/comm'))?.startsWith('xbuild-session')) return 'session'
  const mounts = ((await readFileIfThere('/proc/self/mountinfo')) ?? '').split('\n')
  if (mounts.length > 1 && !mounts.some(line => line.split(' ')[4] === '/')) return 'chroot'
  const [own, first] = await Promise.all(['/', '/proc/1/root/'].map(path => stat(path).catch(() => undefined)))
  return own && first && (own.ino !== first.ino || own.dev !== first.dev) ? 'chroot' : 'host'
}

/** Files that docker and podman put into every container. */
const CONTAINER_MARKERS = ['/.dockerenv', '/run/.containerenv']

/** Seccomp: 2 is a filter, man 5 proc_pid_status. */
function findContainer(status: string): Facts['container'] {
  const {env} = process
  const marker = CONTAINER_MARKERS.find(isThere) ?? (env.KUBERNETES_SERVICE_HOST === undefined ? undefined : 'Kubernetes')
  return marker === undefined ? undefined : {marker, filtered: statusNumber(status, 'Seccomp') === 2, ci: ciSystem(env)}
}

/** Each sets a variable of its own, as its list of predefined variables says. */
function ciSystem({GITHUB_ACTIONS, GITLAB_CI, CI}: NodeJS.ProcessEnv): CiSystem | undefined {
  if (GITHUB_ACTIONS === 'true') return 'github'
  if (GITLAB_CI === 'true') return 'gitlab'
  return CI === 'woodpecker' ? 'woodpecker' : undefined
}
