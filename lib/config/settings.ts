import {resolve} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import {configHome, dataHome} from '../host/directories.js'
import {isThere} from '../host/files.js'

/** What a user may set once for all. */
export interface Settings {
  /** Where environments, roots and twin sets are kept. */
  data: string
  /** The environment that is meant where none is named. */
  environment: string | undefined
  /** Undefined: what mmdebstrap defaults to. */
  mirror: string | undefined
  /** Undefined: private where the kernel has that. */
  binfmt: 'private' | 'system' | undefined
}

type SettingName = keyof Settings

/** One table for the file, the environment and the command line. */
export const SETTINGS: Record<SettingName, {variable: string; help: string}> = {
  data: {variable: 'XBUILD_ENV_DATA', help: 'directory for environments, roots and twin sets'},
  environment: {variable: 'XBUILD_ENV_ENVIRONMENT', help: 'the environment that is meant where none is named'},
  mirror: {variable: 'XBUILD_ENV_MIRROR', help: 'Debian mirror for new environments'},
  binfmt: {variable: 'XBUILD_ENV_BINFMT', help: "private: each session has a binfmt_misc of its own; system: the system's is used"},
}

/** Data only: a settings file is never executed. */
const FILES = ['config.json', 'config.yaml', 'config.yml']

type GivenSettings = Partial<Record<SettingName, string>>

/** The settings in force: the command line over XBUILD_ENV_* over the user's file over the defaults. */
export async function readSettings(given: GivenSettings, variables: Readonly<Record<string, string | undefined>>): Promise<Settings> {
  const file = await readSettingsFile()
  const value = (name: SettingName) => given[name] ?? (variables[SETTINGS[name].variable] || undefined) ?? file[name]
  return {
    data: resolve(value('data') ?? dataHome()),
    environment: value('environment'),
    mirror: value('mirror'),
    binfmt: checkBinfmt(value('binfmt')),
  }
}

function checkBinfmt(value: string | undefined): Settings['binfmt'] {
  if (value === undefined || value === 'private' || value === 'system') return value
  throw new XbuildError('bad-settings', `binfmt: "${value}" is neither private nor system`, {hint: 'leave it out: private is the default'})
}

async function readSettingsFile(): Promise<GivenSettings> {
  const directory = configHome()
  if (!FILES.some(file => isThere(`${directory}/${file}`))) return {} // importing cosmiconfig costs time, and most have no file
  const {cosmiconfig} = await import('cosmiconfig')
  const search = await cosmiconfig('xbuild-env', {searchPlaces: FILES, stopDir: directory})
    .search(directory)
    .catch(error => {
      throw new XbuildError('bad-settings', `${directory}: the settings cannot be read: ${String(error)}`, {
        hint: 'mend the file, or move it away',
        cause: error,
      })
    })
  return search?.config === undefined || search.config === null ? {} : checkSettings(search.config, search.filepath)
}

/** Every mistake of the file at once. */
export function checkSettings(config: unknown, path: string): GivenSettings {
  const names = Object.keys(SETTINGS)
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new XbuildError('bad-settings', `${path}: the settings are not a table of names and values`, {
      hint: `known names: ${names.join(', ')}`,
    })
  }
  const mistakes = Object.entries(config).flatMap(([name, value]) => {
    if (!names.includes(name)) {
      const near = nearest(name, names)
      return [`unknown setting "${name}"${near ? `, did you mean "${near}"?` : ''}`]
    }
    return typeof value === 'string' && value !== '' ? [] : [`"${name}" must be a text`]
  })
  if (mistakes.length > 0) {
    throw new XbuildError('bad-settings', `${path}: ${mistakes.join('; ')}`, {hint: `known settings: ${names.join(', ')}`})
  }
  return config as GivenSettings
}
