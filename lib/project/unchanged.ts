import {relative} from 'node:path'
import ignore from 'ignore'
import type {TargetResult} from '../core/project/build-result.js'
import type {Project, Step} from '../core/project/project.js'

/** The steps that are done on all targets. */
export function passedSteps(results: readonly TargetResult[]): Set<string> {
  const done = results.map(({steps}) => steps.filter(({result}) => result === 'passed' || result === 'unchanged').map(({step}) => step))
  const [first = [], ...others] = done
  return new Set(first.filter(name => others.every(names => names.includes(name))))
}

/**
 * Of steps that have passed, those that these changes do not matter to, as far as the configuration says what does. They are
 * the first of the project's: a step also depends on what those before it make. `changed` are paths relative to the tree.
 */
export function unchangedSteps(project: Project, passed: ReadonlySet<string>, changed: ReadonlySet<string>): ReadonlySet<string> {
  if (changed.has('') || changed.has(relative(project.directory, project.file))) return new Set()
  const end = project.steps.findIndex(step => !passed.has(step.name) || mattersTo(step, changed))
  return new Set((end === -1 ? project.steps : project.steps.slice(0, end)).map(({name}) => name))
}

function mattersTo({inputs}: Step, changed: ReadonlySet<string>): boolean {
  if (inputs === undefined) return true
  const patterns = ignore().add([...inputs])
  return [...changed].some(path => patterns.ignores(path))
}
