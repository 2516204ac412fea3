import {join, resolve} from 'node:path'
import {MIRROR, MIRROR_HINT} from '../core/debian/mirror.js'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import {configHome, dataHome} from '../host/directories.js'
import {isThere, readFileIfThere, SHORT_TEXT_LIMIT} from '../host/files.js'

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

/** Where a value comes from. */
export type Origin = {kind: 'option' | 'default'} | {kind: 'variable'; name: string} | {kind: 'file'; path: string; line: number}

export interface Setting {
  value: string | undefined
  origin: Origin
}

/** A project's own values, over those of the user's file. */
export type ProjectSettings = Partial<Record<SettingName, Setting>>

/** The settings in force: the command line over XBUILD_ENV_* over the project over the user's file over the defaults. */
export async function readSettings(
  given: GivenSettings,
  variables: Readonly<Record<string, string | undefined>>,
  project: ProjectSettings = {},
): Promise<Settings> {
  const {data, environment, mirror, binfmt} = await findSettings(given, variables, project)
  return {
    data: resolve(data.value ?? dataHome()),
    environment: environment.value,
    mirror: checkMirror(mirror),
    binfmt: checkBinfmt(binfmt.value),
  }
}

/** The same with where each comes from, not checked. */
export async function findSettings(
  given: GivenSettings,
  variables: Readonly<Record<string, string | undefined>>,
  project: ProjectSettings = {},
): Promise<Record<SettingName, Setting>> {
  const file = await readSettingsFile()
  const find = (name: SettingName): Setting => {
    if (given[name] !== undefined) return {value: given[name], origin: {kind: 'option'}}
    const {variable} = SETTINGS[name]
    if (variables[variable]) return {value: variables[variable], origin: {kind: 'variable', name: variable}}
    return project[name] ?? file[name] ?? {value: name === 'data' ? dataHome() : undefined, origin: {kind: 'default'}}
  }
  return {data: find('data'), environment: find('environment'), mirror: find('mirror'), binfmt: find('binfmt')}
}

function checkBinfmt(value: string | undefined): Settings['binfmt'] {
  if (value === undefined || value === 'private' || value === 'system') return value
  throw new XbuildError('bad-settings', `binfmt: "${value}" is neither private nor system`, {hint: 'leave it out: private is the default'})
}

/** Wherever it comes from: a project's file is not the user's own. */
function checkMirror({value, origin}: Setting): string | undefined {
  if (value === undefined || MIRROR.test(value)) return value
  const {reason, place} = describeOrigin(origin)
  throw new XbuildError(reason, `${place} ${JSON.stringify(value)} is not the address of a mirror`, {hint: MIRROR_HINT})
}

function describeOrigin(origin: Origin): {reason: 'usage' | 'bad-settings'; place: string} {
  switch (origin.kind) {
    case 'option':
      return {reason: 'usage', place: '--mirror'}
    case 'variable':
      return {reason: 'bad-settings', place: origin.name}
    case 'file':
      return {reason: 'bad-settings', place: `${origin.path}:${origin.line}: mirror`}
    case 'default':
      return {reason: 'bad-settings', place: 'mirror'}
  }
}

async function readSettingsFile(): Promise<ProjectSettings> {
  const path = FILES.map(file => join(configHome(), file)).find(isThere)
  if (path === undefined) return {} // importing yaml costs time, and most have no file
  const {parseConfigDocument} = await import('./document.js')
  const document = parseConfigDocument((await readFileIfThere(path, SHORT_TEXT_LIMIT)) ?? '')
  const [mistake] = document.errors
  if (mistake) {
    const {line, column} = mistake.position
    throw new XbuildError('bad-settings', `${path}:${line}:${column}: the settings cannot be read: ${mistake.message}`, {
      hint: 'fix the file, or move it away',
    })
  }
  const settings = document.value === null ? {} : checkSettings(document.value, path)
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const {line} = document.position([name], 'key')
      return [name, {value, origin: {kind: 'file', path, line}}]
    }),
  )
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
    return typeof value === 'string' && value !== '' ? [] : [`"${name}" must be a string`]
  })
  if (mistakes.length > 0) {
    throw new XbuildError('bad-settings', `${path}: ${mistakes.join('; ')}`, {hint: `known settings: ${names.join(', ')}`})
  }
  return config as GivenSettings
}
