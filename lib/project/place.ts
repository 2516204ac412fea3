import type {Project, ProjectTarget} from '../core/project/project.js'
import type {Mode} from '../core/session/mode.js'
import type {SessionOptions} from '../host/session.js'
import type {HeldPlace} from '../session/place.js'
import type {BuildPaths} from './paths.js'

/** Where the steps of a target run: by the locks of the environment, and of this target's build. */
export interface StepPlace extends HeldPlace {
  project: Project
  target: ProjectTarget
  paths: BuildPaths
  mode: Mode
  jobs: number
  /** By which the environment's farm compiles, see withFarm; none where it does not. */
  farm?: Readonly<Record<string, string>>
  /** Called with each session before it begins. */
  onOuter: SessionOptions['onOuter'] | undefined
}
