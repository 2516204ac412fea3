import {readFile} from 'node:fs/promises'
import {basename, dirname} from 'node:path'
import {cosmiconfig} from 'cosmiconfig'
import {XbuildError} from '../core/errors.js'
import type {Project} from '../core/project.js'
import {type ConfigDocument, type ConfigPath, parseConfigDocument} from './document.js'
import {refuseMistakes, zodMistakes} from './mistakes.js'
import {readTargets} from './profiles.js'
import {checkProject} from './project-check.js'
import {toProject} from './project-defaults.js'
import {type ProjectConfig, projectJsonSchema, projectSchema} from './project-schema.js'
import type {ProjectSettings} from './settings.js'

const KEY = 'xbuild-env'

/** In the order in which they count. Data only: none of them is executed. */
const FILES = ['xbuild-env.yaml', 'xbuild-env.yml', 'xbuild-env.json', '.xbuild-envrc', 'package.json']

/** A project's configuration, and where each of its values stands. */
export interface ProjectFile {
  project: Project
  /** What it says of the user's settings. */
  settings: ProjectSettings
  path: string
  document: ConfigDocument
  /** Where the configuration begins in the document: `["xbuild-env"]` in a package.json. */
  root: ConfigPath
}

/** Looks upward from a directory; undefined where there is none. */
export async function findProjectFile(from: string): Promise<string | undefined> {
  const found = await cosmiconfig(KEY, {
    searchPlaces: FILES,
    searchStrategy: 'global',
    stopDir: '/',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: {'.yaml': asFound, '.yml': asFound, '.json': packageKey, noExt: asFound},
  }).search(from)
  return found?.filepath
}

/** cosmiconfig only finds the file: it is read where positions are known. */
const asFound = () => ({found: true})

/** Of a package.json, whether it has the key: one that cannot be read is not ours. */
function packageKey(path: string, text: string): Record<string, unknown> {
  if (basename(path) !== 'package.json') return asFound()
  try {
    const content: unknown = JSON.parse(text)
    return typeof content === 'object' && content !== null && KEY in content ? {[KEY]: asFound()} : {}
  } catch {
    return {}
  }
}

/** The project that a directory belongs to. Throws `no-config`, or `bad-config` with every mistake of the file. */
export async function readProject(from: string): Promise<ProjectFile> {
  const path = await findProjectFile(from)
  if (path !== undefined) return parseProject(await readFile(path, 'utf8'), path)
  throw new XbuildError('no-config', `neither ${from} nor a directory above it has an ${FILES[0]}`, {
    hint: '"xbuild-env init" makes one that fits the tree',
  })
}

export async function parseProject(text: string, path: string): Promise<ProjectFile> {
  const document = parseConfigDocument(text)
  const root = basename(path) === 'package.json' ? [KEY] : []
  refuseMistakes(path, document, root, [])
  const value = root.length === 0 ? document.value : (document.value as Record<string, unknown>)[KEY]
  if (value === null || value === undefined) {
    refuseMistakes(path, document, root, [{path: [], at: 'value', message: 'the configuration is empty: it needs targets and steps'}])
  }
  const parsed = projectSchema.safeParse(value)
  const ofSchema = parsed.success ? [] : zodMistakes(parsed.error.issues, projectJsonSchema() as object)
  refuseMistakes(path, document, root, [...ofSchema, ...checkProject(value, await readTargets())])
  if (!parsed.success) throw new Error('a configuration was refused without a mistake')
  return {
    project: toProject(parsed.data, dirname(path), path),
    settings: ownSettings(parsed.data, path, document, root),
    path,
    document,
    root,
  }
}

function ownSettings({mirror}: ProjectConfig, path: string, document: ConfigDocument, root: ConfigPath): ProjectSettings {
  if (mirror === undefined) return {}
  return {mirror: {value: mirror, origin: {kind: 'file', path, line: document.position([...root, 'mirror'], 'key').line}}}
}
