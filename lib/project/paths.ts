import {join} from 'node:path'
import {contentKey} from '../core/key.js'
import type {Project} from '../core/project/project.js'
import type {View} from '../core/session/plan.js'
import type {Store} from '../environment/store.js'

/** What is kept for one target of a project. */
export interface BuildPaths {
  directory: string
  /** Says where the tree is. */
  tree: string
  /** What the target's builds changed in the tree. */
  view: View
  /** What a build's steps changed in the environment, until its end: upper and work lie in the directory. */
  changes: {directory: string; upper: string; work: string}
  state: string
  /** What is known of the last build. */
  last: string
  /** For lists of files, while they are made. */
  list: string
  lock: string
  /** Of a step; `run` counts those that followed its first. */
  log: (step: string, run?: number) => string
}

/** Tells whose builds a directory of projects holds. */
export const treeFile = (project: string) => join(project, 'tree.json')

const projectDirectory = (store: Store, {directory: tree}: Project) => join(store.projects, contentKey({tree}))

/** For what is built on the host; no target's name begins with a dot. */
export const nativeDirectory = (store: Store, project: Project) => join(projectDirectory(store, project), '.native')

/** Of a step; `run` counts those that followed its first. No step's name has a plus. */
export const logFile = (directory: string, step: string, run = 0) => join(directory, run === 0 ? `${step}.log` : `${step}+${run}.log`)

export function buildPaths(store: Store, of: Project, target: string): BuildPaths {
  const tree = of.directory
  const project = projectDirectory(store, of)
  const directory = join(project, target)
  const changes = join(directory, 'changes')
  return {
    directory,
    tree: treeFile(project),
    view: {directory: tree, upper: join(directory, 'view'), work: join(directory, 'view-work')},
    changes: {directory: changes, upper: join(changes, 'upper'), work: join(changes, 'work')},
    state: join(directory, 'state.json'),
    last: join(directory, 'last.json'),
    list: join(directory, 'list'),
    lock: join(project, `.${target}.lock`),
    log: (step, run) => logFile(join(directory, 'logs'), step, run),
  }
}
