import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Store} from '../environment/store.js'
import {isThere, readFileIfThere, SHORT_TEXT_LIMIT, writeFileSafely} from '../host/files.js'
import {type BuildPaths, treeFile} from './paths.js'

/** A target of a project, and the environment that it was built in last. */
export interface EnvironmentUse {
  environment: string
  /** The project's directory. */
  project: string
  target: string
  /** ms since 1970. */
  last: number
}

/** Beside the lock of a target; no target's name begins with a dot. */
const ENDING = '.environment'

/** Tells in which environment a target is built from now on. */
export const noteUse = (paths: BuildPaths, target: string, environment: string) =>
  writeFileSafely(join(paths.directory, '..', `.${target}${ENDING}`), environment)

/** Of all projects that builds are kept of, also of those whose trees are gone. */
export async function environmentUses(store: Store): Promise<EnvironmentUse[]> {
  const projects = isThere(store.projects) ? readdirSync(store.projects).map(name => join(store.projects, name)) : []
  return (await Promise.all(projects.map(usesOf))).flat()
}

async function usesOf(directory: string): Promise<EnvironmentUse[]> {
  const project = await treeOf(directory)
  if (project === undefined) return []
  const files = readdirSync(directory).filter(name => name.startsWith('.') && name.endsWith(ENDING))
  return Promise.all(
    files.map(async name => ({
      environment: (await readFileIfThere(join(directory, name), SHORT_TEXT_LIMIT)) ?? '',
      project,
      target: name.slice(1, -ENDING.length),
      last: statSync(join(directory, name)).mtimeMs,
    })),
  )
}

/** Where the tree of a project is, or was; undefined where the directory does not say. */
export async function treeOf(directory: string): Promise<string | undefined> {
  try {
    const {tree} = JSON.parse((await readFileIfThere(treeFile(directory))) ?? '') as {tree: unknown}
    return typeof tree === 'string' ? tree : undefined
  } catch {
    return undefined
  }
}

/** For people: which projects use an environment. */
export const projectsOf = (uses: readonly EnvironmentUse[], environment: string): string[] =>
  [...new Set(uses.filter(use => use.environment === environment).map(({project}) => project))].sort()
