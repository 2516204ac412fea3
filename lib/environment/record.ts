import {MIRROR} from '../core/debian/mirror.js'
import {XbuildError} from '../core/errors.js'
import type {Programs} from '../core/session/mode.js'
import {writeFileSafely} from '../host/files.js'

/**
 * The formats of environment.json that this version writes and reads, by how the environment's programs run: raised where
 * sessions need more than older ones have.
 */
export const FORMATS = {emulated: 3, native: 4} as const satisfies Record<Programs, number>

/** What is kept of an environment, in its environment.json: all that a session needs, so that none reads profiles. */
export type EnvironmentRecord = EmulatedRecord | NativeRecord

/** Of an environment whose programs run as their twins, or emulated. */
export interface EmulatedRecord extends RecordOfAny {
  programs: 'emulated'
  /** Key of the twin set. */
  twins: string
  /** Tells the archive that the last `update` saw from what it was before; undefined where there was no update. */
  generation?: string
}

/** Of an environment of the host's own architecture. */
export interface NativeRecord extends RecordOfAny {
  programs: 'native'
}

interface RecordOfAny {
  format: number
  name: string
  profile: string
  suite: string
  /** As new Date().toISOString() */
  created: string
  mirror?: string
  /** A directory of the host's with what "packages publish" put there: sessions are shown it, and apt takes its packages first. */
  repository?: string
  /** Key of the root, the lowest layer. */
  root: string
  /** Layers over the root that no session changes any more, topmost first: what clones share. */
  layers: string[]
  /** The layer that the environment's own changes are being turned into. */
  freezing?: string
  /** Of one that a build made for a project, and that serves all builds of its key. */
  build?: BuildFor
  /** The kernel's magic and mask for the target's programs, in hexadecimal. */
  elf: {magic: string; mask: string}
  endian: 'little' | 'big'
  triple: string
}

export interface BuildFor {
  /** The project's name. */
  project: string
  /** A digest of what a build wants: profile, suite, packages. */
  key: string
  /** `cache`: what somebody put into a directory of environments, for builds that take from there. */
  origin: 'made' | 'cache'
}

/** What versions before this one called those that builds made. */
const OLD_BUILD_NAME = /-[0-9a-f]{8}(-[0-9a-f]{20})?$/

/** Whether a build made an environment, for itself and others of the same wants. */
export const isOfBuilds = ({build, name, profile}: EnvironmentRecord) =>
  build !== undefined || (name.startsWith(`${profile}-`) && OLD_BUILD_NAME.test(name.slice(profile.length)))

/** Of a copy, or of what came from elsewhere: it is the user's, and no build takes it for its own. */
export function withoutBuild(record: EnvironmentRecord): EnvironmentRecord {
  const {build: _, ...rest} = record
  return rest
}

/** Writes environment.json. */
export const writeRecord = (path: string, record: EnvironmentRecord) => writeFileSafely(path, `${JSON.stringify(record, null, 2)}\n`)

/** Keys of the twin sets that an environment is made of. */
export function twinKeys(record: EnvironmentRecord): string[] {
  switch (record.programs) {
    case 'emulated':
      return [record.twins]
    case 'native':
      return []
  }
}

/** Refuses an environment in which everything runs by itself, where twins or an emulator are meant. */
export function requireTwins(record: EnvironmentRecord): EmulatedRecord {
  if (record.programs === 'emulated') return record
  throw new XbuildError(
    'usage',
    `environment "${record.name}" has neither twins nor an emulator: it is of this machine's own architecture`,
    {
      hint: 'take an environment of another architecture: "xbuild-env profiles" lists them',
    },
  )
}

/** One path component, and no option. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/

export function checkName(name: string): void {
  if (NAME.test(name)) return
  throw new XbuildError('bad-name', `${JSON.stringify(name)} cannot be the name of an environment`, {
    hint: 'use letters, digits, dot, dash and underscore, at most 63, with a letter or digit first',
  })
}

/** Keys of what others make too are digests; layers have random ones; what was imported says so, see archive-layout.ts. */
const KEY = /^(imported-)?[0-9a-f]{8,64}(-[0-9]{1,4})?$/

/** Names of files of profiles. */
const WORD = /^[a-z0-9][a-z0-9-]*$/

/** Pairs of digits, for up to 128 bytes: https://docs.kernel.org/admin-guide/binfmt-misc.html */
const HEX = /^([0-9a-f]{2}){1,128}$/

/** An absolute path, as long as Linux takes one, that is one line of text. */
const PATH = /^\/\P{Cc}{0,4094}$/u

/** CPU, system and ABI, as compilers call a machine. */
const TRIPLE = /^[a-z0-9_]+(-[a-z0-9_]+)+$/

/** Layers of one overlay: more than the kernel takes. */
const MOST_LAYERS = 1000

/** Reads environment.json; `name` is the directory's, which counts. */
export function parseRecord(text: string, name: string): EnvironmentRecord {
  const damaged = (cause?: unknown) =>
    new XbuildError('environment-damaged', `environment "${name}" is damaged: its environment.json cannot be read`, {
      hint: `xbuild-env remove ${name}, then create it again`,
      cause,
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw damaged(error)
  }
  const record = recordOf(value, name)
  if (!record) throw damaged()
  return record
}

/**
 * The record that a value is, and nothing else that may stand in it: an archive's comes from anybody. undefined where it is
 * none. Throws `newer-format` and `older-format`.
 */
export function recordOf(value: unknown, name: string): EnvironmentRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const {
    format,
    name: own,
    profile,
    suite,
    created,
    mirror,
    repository,
    root,
    layers,
    freezing,
    build,
    twins,
    generation,
    elf,
    endian,
    triple,
  } = value as Record<string, unknown>
  if (typeof format !== 'number') return undefined
  const programs = programsOf(format, name)
  if (!isText(own, NAME)) return undefined
  if (!isText(profile, WORD) || !isText(suite, WORD) || !isText(created, TIME) || !isText(triple, TRIPLE)) return undefined
  if (!isText(root, KEY) || (endian !== 'little' && endian !== 'big')) return undefined
  if (!isLayers(layers) || !isOptional(freezing, KEY) || !isOptional(mirror, MIRROR)) return undefined
  if (!isOptional(repository, PATH)) return undefined
  const {magic, mask} = (typeof elf === 'object' && elf !== null ? elf : {}) as Record<string, unknown>
  if (!isText(magic, HEX) || !isText(mask, HEX) || magic.length !== mask.length) return undefined
  const made = buildOf(build)
  if (build !== undefined && made === undefined) return undefined
  const optional = {
    ...(mirror === undefined ? {} : {mirror}),
    ...(repository === undefined ? {} : {repository}),
    ...(freezing === undefined ? {} : {freezing}),
    ...(made === undefined ? {} : {build: made}),
  }
  const common = {format, name, profile, suite, created, ...optional, root, layers, elf: {magic, mask}, endian, triple} as const
  switch (programs) {
    case 'emulated':
      if (!isText(twins, KEY) || !isOptional(generation, KEY)) return undefined
      return {...common, programs, twins, ...(generation === undefined ? {} : {generation})}
    case 'native':
      return {...common, programs}
  }
}

function buildOf(value: unknown): BuildFor | undefined {
  const {project, key, origin} = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (!isText(project, NAME) || !isText(key, KEY) || (origin !== 'made' && origin !== 'cache')) return undefined
  return {project, key, origin}
}

/** The format tells. Throws `newer-format` and `older-format`. */
function programsOf(format: number, name: string): Programs {
  if (format === FORMATS.emulated) return 'emulated'
  if (format === FORMATS.native) return 'native'
  if (format > FORMATS.native) {
    throw new XbuildError('newer-format', `environment "${name}" was made by a newer xbuild-env (format ${format})`, {
      hint: 'use that version, or create the environment again',
    })
  }
  throw new XbuildError('older-format', `environment "${name}" was made by an older xbuild-env (format ${format})`, {
    hint: `xbuild-env remove ${name}, then create it again`,
  })
}

/** As Date has it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value)
const isOptional = (value: unknown, pattern: RegExp): value is string | undefined => value === undefined || isText(value, pattern)

/** One layer twice would be mounted over itself. */
const isLayers = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MOST_LAYERS && value.every(id => isText(id, KEY)) && new Set(value).size === value.length
