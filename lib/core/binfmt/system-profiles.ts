import {asRoot, ownAsRoot, type RootAccess, scriptAsRoot} from '../as-root.js'
import {XbuildError} from '../errors.js'
import {BINFMT_D, SESSIONS_ACTIVATOR} from '../places.js'
import type {BinfmtEntry} from '../session/plan.js'
import {shellLine} from '../shell-words.js'
import {printBytes} from './entry-bytes.js'
import {type RegisteredEntry, registerLine, takesFilesOf} from './registration.js'
import type {SystemStep} from './system-entries.js'

/**
 * Profiles whose programs the system's binfmt_misc hands to the activator, for kernels that cannot give each session an
 * instance of its own: which there are, whether they do what they are for, and how they come and go.
 */

/** The names of their entries begin so. */
const OWN_PREFIX = 'xbuild-env-'

export const systemEntryName = (profile: string) => `${OWN_PREFIX}${profile}`
export const isOwnEntry = (name: string) => name.startsWith(OWN_PREFIX)
export const entryProfile = (name: string) => name.slice(OWN_PREFIX.length)

/** Of binfmt.d(5). Other than those of `activator --system --persist`, whose names begin with `xbuild-env-`. */
const configuration = (profile: string) => `${BINFMT_D}/xbuild-env.${profile}.conf`

/** The profile that such a file is for. */
export const configuredProfile = (file: string) => /^xbuild-env\.(.+)\.conf$/.exec(file)?.[1]

export type ActivatorState =
  /** What the kernel starts is what would be registered now. */
  | 'current'
  /** It is of another version of xbuild-env. */
  | 'changed'
  | 'gone'
  /** Another program, or one that not only root can change. */
  | 'other'

/**
 * What is known of the activator that an entry names. Times in ms since 1970, the same clock for both. The kernel shows
 * neither the file that it holds nor when it opened it: the entry's own time is that of its registration, unless
 * somebody switched the entry off and on since.
 */
export interface ActivatorFacts {
  registered: number
  /** Undefined: there is no such file. `changed`: of the file's status (ctime). `same`: as this installation's activator. */
  file: {changed: number; same: boolean} | undefined
}

/** With flag F the kernel holds the file that was there at registration, whatever is at its path later. */
export function judgeActivator(entry: RegisteredEntry, {registered, file}: ActivatorFacts): ActivatorState {
  if (entry.interpreter !== SESSIONS_ACTIVATOR) return 'other'
  if (file === undefined) return 'gone'
  return file.same && file.changed <= registered ? 'current' : 'changed'
}

/** What is registered now, with what became of our activators. */
export interface SystemEntry extends RegisteredEntry {
  /** Undefined for other tools' entries. */
  activator: ActivatorState | undefined
  /** What registers the entry again whenever the host starts, as far as that is known. */
  origin: 'binfmt-support' | 'unknown'
}

export interface SystemState {
  /** `off`: as a whole, by its file `status`. */
  instance: 'on' | 'off' | 'not-mounted'
  /** In the order in which the kernel looks: the newest first. */
  entries: readonly SystemEntry[]
  /** Profiles that binfmt.d registers whenever the host starts. */
  persistent: readonly string[]
}

/** Whom the kernel hands the programs of a profile to. */
export type Taker =
  | {taker: 'activator'}
  | {taker: 'nobody'}
  | {taker: 'not-mounted'}
  | {taker: 'switched-off'}
  /** An activator, but not this installation's. */
  | {taker: 'old-activator'; entry: SystemEntry}
  | {taker: 'rival'; entry: SystemEntry}

/**
 * The kernel takes the first entry that fits, from the newest to the oldest (fs/binfmt_misc.c, search_binfmt_handler and
 * list_add), which is also the order of its directory.
 */
export function findTaker(profile: string, {instance, entries}: SystemState): Taker {
  if (instance === 'not-mounted') return {taker: 'not-mounted'}
  const own = entries.find(({name}) => name === systemEntryName(profile))
  if (own?.state !== 'enabled') return {taker: 'nobody'}
  if (instance === 'off') return {taker: 'switched-off'}
  const rival = findRival(own, entries)
  if (rival) return {taker: 'rival', entry: rival}
  return own.activator === 'current' ? {taker: 'activator'} : {taker: 'old-activator', entry: own}
}

/** Another tool's entry that is given the files of one that is there, or would be registered, instead or until then. */
function findRival(own: RegisteredEntry | BinfmtEntry, entries: readonly SystemEntry[]): SystemEntry | undefined {
  const at = entries.findIndex(({name}) => name === own.name)
  const newer = at === -1 ? entries : entries.slice(0, at)
  return newer.find(({name, state, ...taker}) => state === 'enabled' && !isOwnEntry(name) && takesFilesOf(taker, own))
}

const register = (profile: string) => ['system', 'register', profile]

/** How root registers a profile: a line to be pasted. */
export const registerHint = (access: RootAccess, profile: string) => `${LASTING}: ${ownAsRoot(access, register(profile))}`

const LASTING = 'until the host restarts (with --persist, for good)'

/** Where the system's instance is mounted: https://docs.kernel.org/admin-guide/binfmt-misc.html */
export const SYSTEM_BINFMT = '/proc/sys/fs/binfmt_misc'
export const MOUNT_COMMAND = ['mount', '-t', 'binfmt_misc', 'binfmt_misc', SYSTEM_BINFMT]

/** Switches the instance on that somebody has switched off. */
export const switchOnLine = (access: RootAccess) => scriptAsRoot(access, `echo 1 > ${SYSTEM_BINFMT}/status`)

/** How root takes out another tool's entry, in the tool's own way. It is back after a restart. */
export const takeOutLine = (access: RootAccess, {name, origin}: Pick<SystemEntry, 'name' | 'origin'>) =>
  origin === 'binfmt-support'
    ? asRoot(access, ['update-binfmts', '--disable', name])
    : scriptAsRoot(access, `echo -1 > ${SYSTEM_BINFMT}/${name}`)

export interface Takeover {
  what: string
  fix: string
}

/** What is wrong where the programs of a profile do not come to this installation's activator; undefined: nothing is. */
export function explainTaker(profile: string, found: Taker, access: RootAccess): Takeover | undefined {
  switch (found.taker) {
    case 'activator':
      return undefined
    case 'nobody':
      return {what: `${profile} is not registered in the system's binfmt_misc`, fix: registerHint(access, profile)}
    case 'not-mounted': {
      const both = `${shellLine(MOUNT_COMMAND)} && ${shellLine([...access.xbuildEnv, ...register(profile)])}`
      return {
        what: `the system's binfmt_misc is not mounted, and ${profile} not registered in it`,
        fix: `${LASTING}: ${scriptAsRoot(access, both)}`,
      }
    }
    case 'switched-off':
      return {what: "the system's binfmt_misc is switched off", fix: switchOnLine(access)}
    case 'old-activator':
      return {
        what: `programs of ${profile} are handed to the activator of another version or installation of xbuild-env`,
        fix: `register it again, ${registerHint(access, profile)}`,
      }
    case 'rival':
      return {
        what: `programs of ${profile} are handed to ${found.entry.interpreter}, by the entry "${found.entry.name}" that is newer than xbuild-env's: nothing would run native`,
        fix: `take that entry out, until the host restarts: ${takeOutLine(access, found.entry)}`,
      }
  }
}

/** What is done for a profile. */
export interface RegisterStep {
  profile: string
  name: string
  act: 'keep' | 'register' | 'renew'
}

export interface ProfilesChange<Step> {
  profiles: Step[]
  steps: SystemStep[]
}

/**
 * What has to be done so that the activator gets the profiles' programs, `for-good` also after a restart. Throws
 * `name-taken` where that would take programs away from another tool.
 */
export function planRegister(
  wanted: readonly {profile: string; entry: BinfmtEntry}[],
  {entries, persistent}: SystemState,
  lasts: 'until-restart' | 'for-good',
  access: RootAccess,
): ProfilesChange<RegisterStep> {
  const plans = wanted.map(({profile, entry}) => {
    const own = entries.find(({name}) => name === entry.name)
    const rival = findRival(entry, entries)
    if (rival) throw refuseRival(profile, rival, access)
    const act = own === undefined ? 'register' : own.activator === 'current' && own.state === 'enabled' ? 'keep' : 'renew'
    return {profile, entry, own, act, line: registerLine({...entry, interpreter: SESSIONS_ACTIVATOR})} as const
  })
  return {
    profiles: plans.map(({profile, entry, act}) => ({profile, name: entry.name, act})),
    steps: [
      ...plans.flatMap(({act, own}) => (act === 'renew' && own ? [unregister(own)] : [])),
      ...(plans.every(({act}) => act === 'keep') ? [] : [write(SESSIONS_ACTIVATOR, {activator: 'plain'})]),
      ...plans.flatMap(({act, entry, line}): SystemStep[] => (act === 'keep' ? [] : [{act: 'register', name: entry.name, line}])),
      ...plans.flatMap(({profile, line}) =>
        lasts === 'for-good' && !persistent.includes(profile)
          ? [write(configuration(profile), {text: `# made by xbuild-env system register\n${line}\n`})]
          : [],
      ),
    ],
  }
}

const write = (path: string, content: (SystemStep & {act: 'write'})['content']): SystemStep => ({act: 'write', path, content})

/** Where the change fails, it is registered again as it was. */
const unregister = (entry: RegisteredEntry): SystemStep => ({
  act: 'unregister',
  name: entry.name,
  line: registerLine({...entry, magic: printBytes(entry.magic), mask: printBytes(entry.mask)}),
})

const refuseRival = (profile: string, rival: SystemEntry, access: RootAccess) =>
  new XbuildError('name-taken', `programs of ${profile} are taken by the entry "${rival.name}" of another tool (${rival.interpreter})`, {
    hint: `it is left as it is; if nothing else needs it, take it out, until the host restarts: ${takeOutLine(access, rival)}`,
  })

/** The same for taking out the given profiles, or all of ours. Throws `unknown-profile`. */
export function planUnregister(profiles: readonly string[], {entries, persistent}: SystemState): ProfilesChange<string> {
  const own = entries.filter(({name}) => isOwnEntry(name))
  const there = [...new Set([...own.map(({name}) => entryProfile(name)), ...persistent])]
  const unknown = profiles.find(profile => !there.includes(profile))
  if (unknown !== undefined) {
    throw new XbuildError('unknown-profile', `${unknown} is not registered in the system's binfmt_misc`, {
      hint: there.length > 0 ? `registered are: ${there.join(', ')}` : 'no profile is',
    })
  }
  const gone = profiles.length === 0 ? there : [...new Set(profiles)]
  const isLast = there.every(profile => gone.includes(profile))
  return {
    profiles: gone,
    steps: [
      ...own.flatMap(entry => (gone.includes(entryProfile(entry.name)) ? [unregister(entry)] : [])),
      ...persistent.flatMap(profile => (gone.includes(profile) ? [write(configuration(profile), undefined)] : [])),
      ...(isLast && there.length > 0 ? [write(SESSIONS_ACTIVATOR, undefined)] : []),
    ],
  }
}
