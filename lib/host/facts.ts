import {constants} from 'node:fs'
import {access, mkdtemp, readdir, readFile, rm, stat, statfs} from 'node:fs/promises'
import {release, userInfo} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {isOwnEntry} from '../core/binfmt.js'
import type {CiSystem} from '../core/ci-system.js'
import type {Facts, Trial} from '../core/doctor.js'
import {XbuildError} from '../core/errors.js'
import {hostArchitecture} from '../core/host.js'
import type {Operation} from '../core/plan.js'
import {type Binfmt, kernelHasPrivateBinfmt} from './binfmt.js'
import {isThere, readFileIfThere} from './files.js'
import {idMap, parseSubordinates} from './ids.js'
import {type MakerOptions, runAsMaker} from './maker.js'
import {plainEnvironment} from './programs.js'
import {run} from './run.js'
import {shim} from './shims.js'
import {isSystemBinfmtMounted, readEntryFacts, readSystemEntries} from './system-binfmt.js'

async function registeredForUs(): Promise<string[]> {
  return (await readSystemEntries()).filter(({name, state}) => isOwnEntry(name) && state === 'enabled').map(({name}) => name)
}

/** Looks at the host, and tries a session in it. Nothing of that is left. */
export async function gatherFacts(data: string): Promise<Facts> {
  const {username, uid} = userInfo()
  const status = (await readFileIfThere('/proc/self/status')) ?? ''
  const directory = existingPart(data)
  const writable = await may(directory, constants.W_OK | constants.X_OK)
  const missingShims = (['xbuild-session', 'xbuild-activator'] as const).map(shim).filter(path => !isThere(path))
  return {
    node: process.versions.node,
    architecture: {name: process.arch, known: isKnownArchitecture()},
    kernel: release(),
    user: {name: username, uid},
    ids: await availableIds(username, uid),
    idPrograms: {newuidmap: await idProgram('newuidmap'), newgidmap: await idProgram('newgidmap')},
    noNewPrivileges: statusNumber(status, 'NoNewPrivs') === 1,
    namespaces: {
      limit: optionalNumber(await readFileIfThere('/proc/sys/user/max_user_namespaces')),
      debianSwitch: (await readFileIfThere('/proc/sys/kernel/unprivileged_userns_clone'))?.trim(),
      apparmorSwitch: (await readFileIfThere('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'))?.trim(),
      trial: await tryNamespace(),
    },
    fileSystems: parseFileSystems((await readFileIfThere('/proc/filesystems')) ?? ''),
    systemBinfmt: {mounted: isSystemBinfmtMounted(), registered: await registeredForUs(), entries: await readEntryFacts()},
    session: missingShims.length > 0 ? undefined : await trySession(writable ? directory : undefined),
    programs: await findPrograms(['mmdebstrap', 'flock', 'cc', 'make', 'gpg']),
    keys: await archiveKeys(),
    missingShims,
    data: {directory: data, writable, mountOptions: await mountOptions(directory), freeBytes: await freeBytes(directory)},
    container: findContainer(status),
  }
}

/** The directory itself, or the nearest above it that exists: where it would be made. */
function existingPart(path: string): string {
  return isThere(path) ? path : existingPart(dirname(path))
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

function isKnownArchitecture(): boolean {
  try {
    return hostArchitecture() !== undefined
  } catch {
    return false
  }
}

/** A field of /proc/self/status: man 5 proc_pid_status. */
const statusNumber = (status: string, field: string) => Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0)

const optionalNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text))

/** `nodev<tab>name`, or without nodev: man 5 proc_filesystems. */
const parseFileSystems = (text: string) => text.split('\n').flatMap(line => line.split('\t').slice(1))

async function availableIds(user: string, uid: number): Promise<Facts['ids']> {
  if (uid === 0) {
    const {uids, gids} = await idMap()
    return {uids: uids[0]?.count ?? 0, gids: gids[0]?.count ?? 0}
  }
  const count = async (file: string) => parseSubordinates((await readFileIfThere(file)) ?? '', user, uid)?.count ?? 0
  return {uids: await count('/etc/subuid'), gids: await count('/etc/subgid')}
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of (plainEnvironment().PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(directory, name)
    if (await may(path, constants.X_OK)) return path
  }
  return undefined
}

async function findPrograms(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map(findProgram))
  return names.filter((_, i) => found[i] !== undefined)
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

/** The package has one file for each suite, beside the one that has all: debian-archive-<suite>-stable.gpg or .pgp. */
async function archiveKeys(): Promise<string[] | undefined> {
  const files = isThere(KEYRINGS) ? await readdir(KEYRINGS) : []
  if (!files.some(file => /^debian-archive-keyring\.[gp]+$/.test(file))) return undefined
  return files.flatMap(file => /^debian-archive-(\w+)-stable\.\w+$/.exec(file)?.[1] ?? [])
}

/** Options of the mount that a path lies on: fields 5 and 6 of man 5 proc_pid_mountinfo, with \ooo for odd characters. */
async function mountOptions(path: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map(line => {
    const [, , , , point = '', options = ''] = line.split(' ')
    return {point: point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), options}
  })
  const above = mounts.filter(({point}) => point === '/' || path === point || path.startsWith(`${point}/`))
  const nearest = above.filter(({point}) => point !== '').sort((a, b) => a.point.length - b.point.length)
  return nearest.at(-1)?.options.split(',') ?? []
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

const failed = (error: unknown): Trial => ({worked: false, why: error instanceof Error ? error.message : String(error)})

async function tryNamespace(): Promise<Trial> {
  try {
    const {exitCode, stderr} = await run('unshare', ['--user', '--map-root-user', 'true'])
    return exitCode === 0 ? {worked: true} : {worked: false, why: stderr.trim()}
  } catch (error) {
    return failed(error)
  }
}

/** mount(8) refers to the kernel's log below what it says itself. */
const isReason = (line: string) => !line.includes('dmesg(1)')

async function tryAsMaker(argv: readonly string[], options: MakerOptions = {}): Promise<Trial> {
  try {
    const {exitCode, tail} = await runAsMaker(argv, options)
    return exitCode === 0 ? {worked: true} : {worked: false, why: tail.findLast(isReason)?.trim() ?? `${argv[0]} ended with ${exitCode}`}
  } catch (error) {
    if (error instanceof XbuildError) return failed(error)
    throw error
  }
}

/** An entry that no file fits: what counts is that the kernel takes it. */
const TRIAL_ENTRY: Operation = {
  op: 'binfmt',
  entry: {name: 'xbuild-env', offset: 0, magic: '\\x7f\\x78\\x62\\x75\\x69\\x6c\\x64', mask: '', interpreter: process.execPath, flags: 'F'},
}

async function trySession(directory: string | undefined): Promise<NonNullable<Facts['session']>> {
  const trial = await tryAsMaker(['true'])
  if (!trial.worked) return {trial, binfmt: undefined, overlay: undefined}
  return {
    trial,
    binfmt: kernelHasPrivateBinfmt() ? await tryAsMaker(['true'], {operations: [TRIAL_ENTRY]}) : undefined,
    overlay: directory === undefined ? undefined : await tryOverlay(directory),
  }
}

/** As sessions mount it: overlayfs.rst, "userxattr". In the directory, so that its path cannot be taken for options. */
const OVERLAY_SCRIPT = `cd "$1" && mkdir lower upper work merged &&
mount -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay merged && mkdir merged/new && rmdir merged/new`

/** Whether sessions can be made that keep their changes below a directory: what `doctor` tries one by one, at once. */
export const tryAll = (data: string, binfmt: Binfmt | undefined): Promise<Trial> =>
  tryOverlay(existingPart(data), binfmt !== 'system' && kernelHasPrivateBinfmt() ? {operations: [TRIAL_ENTRY]} : {})

async function tryOverlay(directory: string, options: MakerOptions = {}): Promise<Trial> {
  let place: string
  try {
    place = await mkdtemp(join(directory, '.xbuild-env-doctor-'))
  } catch (error) {
    return failed(error)
  }
  try {
    return await tryAsMaker(['sh', '-c', OVERLAY_SCRIPT, 'sh', place], options)
  } finally {
    await rm(place, {recursive: true, force: true})
  }
}
