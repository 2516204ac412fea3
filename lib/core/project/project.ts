/** Where artifacts are copied to, in the project: one directory for each target. */
export const OUTPUT = 'out'

/** Where environments may be kept in the project (`build --cache`), for CI systems that keep nothing from elsewhere. */
export const CACHE = '.xbuild-env-cache'

/** A project as its configuration describes it, every default filled in. */
export interface Project {
  /** Where the configuration lies: the source tree. */
  directory: string
  file: string
  targets: readonly ProjectTarget[]
  /** Variables of all targets' steps. */
  variables: Readonly<Record<string, string>>
  steps: readonly Step[]
  /** Patterns as fast-glob takes them, relative to the tree. */
  artifacts: readonly string[]
  /** `view`: each target has its own view of the tree, which stays untouched. */
  sources: 'view' | 'in-place'
  watch: {ignore: readonly string[]}
}

export interface ProjectTarget {
  name: string
  profile: string
  /** Undefined: the profile's default. */
  suite: string | undefined
  /** The project's own and the target's, sorted. */
  packages: readonly string[]
  /** Variables of its steps. */
  variables: Readonly<Record<string, string>>
}

export interface Step {
  name: string
  /** A script for sh, which ends at the first command that fails. */
  run: string
  timeoutSeconds: number | undefined
  /** Targets on which the build goes on where this step fails. */
  allowFailure: 'none' | 'all' | readonly string[]
  /** Patterns of the files that it depends on, as in a .gitignore; undefined where nobody said. */
  inputs: readonly string[] | undefined
}

export const mayFail = ({allowFailure}: Step, target: string) =>
  allowFailure === 'all' || (allowFailure !== 'none' && allowFailure.includes(target))
