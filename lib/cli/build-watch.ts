import {XbuildError} from '../core/errors.js'
import type {TargetResult} from '../core/project/build-result.js'
import type {Project} from '../core/project/project.js'
import {passedSteps, unchangedSteps} from '../project/unchanged.js'
import {watchTree} from '../project/watch.js'
import {note, printError} from './output.js'

/** Of the files that changed, so many are named. */
const NAMED = 3

/** What is known of a build that has ended by itself. */
export interface Built {
  /** As the configuration was then. */
  project: Project
  results: readonly TargetResult[]
}

/** Leaves out the steps that are unchanged, and tells of each that begins. */
export type BuildAgain = (unchanged: ReadonlySet<string>, onStep: (step: string) => void, signal: AbortSignal) => Promise<Built>

/**
 * Builds, and again whenever a file of the tree changes, from the first step that it may matter to: a build that still runs
 * is ended first. Ends with the signal.
 */
export async function buildOnChange(first: Project, build: BuildAgain, signal: AbortSignal): Promise<never> {
  let project = first
  let passed: ReadonlySet<string> = new Set()
  if (project.sources === 'in-place') {
    throw new XbuildError('usage', '--watch cannot tell what a build in place writes from what you do', {
      hint: 'take "in-place" out of the configuration',
    })
  }
  const watcher = await watchTree(project)
  try {
    for (;;) {
      const begun = new Set<string>()
      const end = new AbortController()
      const changes = watcher.changes().then(paths => {
        end.abort()
        return paths
      })
      const both = AbortSignal.any([signal, end.signal])
      const built = await unlessChanged(
        build(passed, step => begun.add(step), both),
        both,
      )
      signal.throwIfAborted()
      if (!end.signal.aborted) note(`watching ${project.directory}; Ctrl-C ends it`)
      const changed = await Promise.race([changes, interrupted(signal)])
      note(describe(changed))
      project = built?.project ?? project
      passed = unchangedSteps(project, built ? passedSteps(built.results) : without(passed, begun), changed)
    }
  } finally {
    await watcher.close()
  }
}

/** A mistake in the configuration, or a failure, is told, and the next change awaited. */
async function unlessChanged(build: Promise<Built>, signal: AbortSignal): Promise<Built | undefined> {
  try {
    return await build
  } catch (error) {
    if (signal.aborted) return undefined
    if (!(error instanceof XbuildError)) throw error
    printError(error)
    return undefined
  }
}

const without = (names: ReadonlySet<string>, others: ReadonlySet<string>) => new Set([...names].filter(name => !others.has(name)))

const interrupted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), {once: true})
  })

function describe(paths: ReadonlySet<string>): string {
  const named = [...paths].slice(0, NAMED).join(', ')
  return `changed: ${named}${paths.size > NAMED ? `, and ${paths.size - NAMED} more` : ''}`
}
