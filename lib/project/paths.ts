import {join} from 'node:path'
import {contentKey} from '../core/key.js'
import type {View} from '../core/plan.js'
import type {Project} from '../core/project.js'
import type {Store} from '../environment/store.js'

/** What is kept for one target of a project. */
export interface BuildPaths {
  directory: string
  /** What the target's builds changed in the tree. */
  view: View
  /** What a build's steps changed in the environment, until its end. */
  changes: {upper: string; work: string}
  state: string
  /** For lists of files, while they are made. */
  list: string
  lock: string
  log: (step: string) => string
}

/** The builds of a project, by the real path of its tree. */
export const projectDirectory = (store: Store, tree: string) => join(store.home, 'projects', contentKey({tree}))

export function buildPaths(store: Store, {directory: tree}: Project, target: string): BuildPaths {
  const project = projectDirectory(store, tree)
  const directory = join(project, target)
  return {
    directory,
    view: {directory: tree, upper: join(directory, 'view'), work: join(directory, 'view-work')},
    changes: {upper: join(directory, 'changes'), work: join(directory, 'changes-work')},
    state: join(directory, 'state.json'),
    list: join(directory, 'list'),
    lock: join(project, `.${target}.lock`),
    log: step => join(directory, 'logs', `${step}.log`),
  }
}
