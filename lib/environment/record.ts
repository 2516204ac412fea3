import {XbuildError} from '../core/errors.js'

/** The format of environment.json that this version writes and reads: raised where sessions need more than older ones have. */
export const FORMAT = 3

/** What is kept of an environment, in its environment.json: all that a session needs, so that none reads profiles. */
export interface EnvironmentRecord {
  format: number
  name: string
  profile: string
  suite: string
  /** As new Date().toISOString() */
  created: string
  mirror?: string
  /** Key of the root, the lowest layer. */
  root: string
  /** Layers over the root that no session changes any more, topmost first: what clones share. */
  layers: string[]
  /** The layer that the environment's own changes are being turned into. */
  freezing?: string
  /** Key of the twin set. */
  twins: string
  /** The kernel's magic and mask for the target's programs, in hexadecimal. */
  elf: {magic: string; mask: string}
  endian: 'little' | 'big'
  triple: string
}

/** A name that is one path component, and no option. */
export function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/.test(name)) return
  throw new XbuildError('bad-name', `"${name}" cannot be the name of an environment`, {
    hint: 'use letters, digits, dot, dash and underscore, at most 63, with a letter or digit first',
  })
}

/** Reads environment.json; `name` is the directory's, which counts. */
export function parseRecord(text: string, name: string): EnvironmentRecord {
  const damaged = (cause?: unknown) =>
    new XbuildError('environment-damaged', `environment "${name}" is damaged: its environment.json cannot be read`, {
      hint: `xbuild-env remove ${name}, then create it again`,
      cause,
    })
  let record: Partial<EnvironmentRecord> | null
  try {
    record = JSON.parse(text) as Partial<EnvironmentRecord> | null
  } catch (error) {
    throw damaged(error)
  }
  if (typeof record !== 'object' || record === null) throw damaged()
  if (typeof record.format === 'number' && record.format > FORMAT) {
    throw new XbuildError('newer-format', `environment "${name}" was made by a newer xbuild-env (format ${record.format})`, {
      hint: 'use that version, or make the environment anew',
    })
  }
  if (typeof record.format === 'number' && record.format < FORMAT) {
    throw new XbuildError('older-format', `environment "${name}" was made by an older xbuild-env (format ${record.format})`, {
      hint: `xbuild-env remove ${name}, then create it again`,
    })
  }
  const strings = [record.name, record.profile, record.suite, record.root, record.twins, record.triple, record.elf?.magic, record.elf?.mask]
  if (strings.some(value => typeof value !== 'string') || !Array.isArray(record.layers)) throw damaged()
  if (typeof record.format !== 'number' || (record.endian !== 'little' && record.endian !== 'big')) throw damaged()
  return {...record, name} as EnvironmentRecord
}
