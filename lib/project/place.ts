import type {Project, ProjectTarget} from '../core/project/project.js'
import type {Mode} from '../core/session/mode.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import type {Binfmt} from '../host/binfmt.js'
import type {Lock} from '../host/lock.js'
import type {SessionOptions} from '../host/session.js'
import type {BuildPaths} from './paths.js'

/** Where the steps of a target run. */
export interface StepPlace {
  store: Store
  binfmt: Binfmt | undefined
  record: EnvironmentRecord
  project: Project
  target: ProjectTarget
  paths: BuildPaths
  mode: Mode
  jobs: number
  /** Called with each session before it begins. */
  onOuter: SessionOptions['onOuter'] | undefined
  /** Those of the environment, and of this target's build. */
  locks: readonly Lock[]
}
