import {mkdtemp, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {SessionTrials, Trial} from '../core/doctor/facts.js'
import {XbuildError} from '../core/errors.js'
import type {Operation} from '../core/session/plan.js'
import {type Binfmt, isBinfmtPrivate} from './binfmt.js'
import {makeDirectory} from './files.js'
import {type MakerOptions, runAsMaker} from './maker.js'
import {existingPart} from './mount-options.js'
import {run} from './run.js'

/** What sessions and the making of roots need of a host, tried for real and small. */

const failed = (error: unknown): Trial => ({worked: false, why: error instanceof Error ? error.message : String(error)})

export async function tryNamespace(): Promise<Trial> {
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

/** All below a directory that is removed at the end, so that its path cannot be taken for options: `$1` of the scripts. */
type InPlace = (place: string) => Promise<Trial>

async function withPlace(directory: string, attempt: InPlace): Promise<Trial> {
  let place: string
  try {
    place = await mkdtemp(join(directory, '.xbuild-env-doctor-'))
  } catch (error) {
    return failed(error)
  }
  try {
    return await attempt(place)
  } finally {
    await rm(place, {recursive: true, force: true})
  }
}

/** As sessions mount it: overlayfs.rst, "userxattr". */
const MOUNT_OVERLAY =
  'mkdir -p lower/old upper work merged && mount -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay merged'

const OVERLAY_SCRIPT = `cd "$1" && ${MOUNT_OVERLAY} && mkdir merged/new && rmdir merged/new`

/** A directory that hides the lower one needs an attribute of overlayfs's own. */
const MEMORY_SCRIPT = `cd "$1" && mount -t tmpfs tmpfs . && cd "$1" && ${MOUNT_OVERLAY} && rmdir merged/old && mkdir merged/old`

/** As mmdebstrap's hooks bind from the twin set: lib/root/root.ts. */
const BINDS_SCRIPT = 'mount --no-canonicalize --bind "$1/shown/inner" "$1/target"'

const tryScript = (script: string, place: string, options: MakerOptions = {}) => tryAsMaker(['sh', '-c', script, 'sh', place], options)

async function bindsOf(place: string): Promise<Operation[]> {
  for (const name of ['twins/inner', 'shown', 'target']) await makeDirectory(join(place, name))
  return [{op: 'bind', source: join(place, 'twins'), target: join(place, 'shown'), access: 'ro'}]
}

const tryOverlay: InPlace = place => tryScript(OVERLAY_SCRIPT, place)
const tryMemory: InPlace = place => tryScript(MEMORY_SCRIPT, place)
const tryBinds: InPlace = async place => tryScript(BINDS_SCRIPT, place, {operations: await bindsOf(place)})

/** One by one, so that it is known what fails. `directory`: where the data lies, or would; undefined: it cannot be written. */
export async function trySession(directory: string | undefined, binfmt: Binfmt | undefined): Promise<SessionTrials> {
  const trial = await tryAsMaker(['true'])
  const none = {trial, binfmt: undefined, overlay: undefined, memory: undefined, binds: undefined}
  if (!trial.worked) return none
  const own = isBinfmtPrivate(binfmt) ? await tryAsMaker(['true'], {operations: [TRIAL_ENTRY]}) : undefined
  if (directory === undefined) return {...none, binfmt: own}
  return {
    trial,
    binfmt: own,
    overlay: await withPlace(directory, tryOverlay),
    memory: await withPlace(directory, tryMemory),
    binds: await withPlace(directory, tryBinds),
  }
}

/** Whether sessions can be made that keep their changes below a directory: what `doctor` tries one by one, at once. */
export const tryAll = (data: string, binfmt: Binfmt | undefined): Promise<Trial> =>
  withPlace(existingPart(data), async place =>
    tryScript(`${BINDS_SCRIPT} && ${OVERLAY_SCRIPT}`, place, {
      operations: [...(await bindsOf(place)), ...(isBinfmtPrivate(binfmt) ? [TRIAL_ENTRY] : [])],
    }),
  )
