import {basename, dirname, join, resolve} from 'node:path'
import {XbuildError} from '../core/errors.js'
import type {Project} from '../core/project/project.js'
import {readRegular} from '../host/beneath.js'
import {isThere} from '../host/files.js'
import {type ConfigDocument, type ConfigPath, parseConfigDocument} from './document.js'
import {refuseMistakes, zodMistakes} from './mistakes.js'
import {readTargets} from './profiles.js'
import {checkProject} from './project-check.js'
import {toProject, withOwnNames} from './project-defaults.js'
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

/** Bytes: no configuration that somebody wrote has so many. */
const LIMIT = 2 ** 20

/** Looks upward from a directory; undefined where there is none. */
export async function findProjectFile(from: string): Promise<string | undefined> {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const found = FILES.map(name => join(directory, name)).find(isProjectFile)
    if (found !== undefined || directory === dirname(directory)) return found
  }
}

/** Of a package.json, whether it has the key: one that cannot be read is not ours. */
function isProjectFile(path: string): boolean {
  if (basename(path) !== 'package.json') return isThere(path)
  const text = readRegular(path, LIMIT)
  if (text.kind !== 'found') return false
  try {
    return Object.hasOwn(Object(JSON.parse(text.value.toString())), KEY)
  } catch {
    return false
  }
}

/** The project that a directory belongs to. Throws `no-config`, or `bad-config` with every mistake of the file. */
export async function readProject(from: string): Promise<ProjectFile> {
  const path = await findProjectFile(from)
  if (path !== undefined) return parseProject(readText(path), path)
  throw new XbuildError('no-config', `neither ${from} nor a directory above it has an ${FILES[0]}`, {
    hint: '"xbuild-env init" makes one that fits the tree',
  })
}

function readText(path: string): string {
  const text = readRegular(path, LIMIT)
  if (text.kind === 'found') return text.value.toString()
  throw new XbuildError('bad-config', `${path} ${text.why}`, {hint: 'a configuration is a file of its own, that you may read'})
}

export async function parseProject(text: string, path: string): Promise<ProjectFile> {
  const document = parseConfigDocument(text)
  const root = basename(path) === 'package.json' ? [KEY] : []
  refuseMistakes(path, document, root, [])
  const value = root.length === 0 ? document.value : (Object(document.value) as Record<string, unknown>)[KEY]
  if (value === null || value === undefined) {
    refuseMistakes(path, document, root, [{path: [], at: 'value', message: 'the configuration is empty: it needs targets and steps'}])
  }
  const parsed = projectSchema.safeParse(value)
  const ofSchema = parsed.success ? [] : zodMistakes(parsed.error.issues, projectJsonSchema() as object)
  const targets = await readTargets()
  refuseMistakes(path, document, root, [...ofSchema, ...checkProject(value, targets)])
  if (!parsed.success) throw new Error('a configuration was refused without a mistake')
  return {
    project: toProject(withOwnNames(parsed.data, targets), dirname(path), path),
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
