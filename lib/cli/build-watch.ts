import {XbuildError} from '../core/errors.js'
import type {Project} from '../core/project.js'
import {watchTree} from '../project/watch.js'
import {note, printError} from './output.js'

/** Of the files that changed, so many are named. */
const NAMED = 3

/** Builds, and again whenever a file of the tree changes: a build that still runs is ended first. Ends with the signal. */
export async function buildOnChange(
  project: Project,
  build: (signal: AbortSignal) => Promise<number>,
  signal: AbortSignal,
): Promise<never> {
  if (project.sources === 'in-place') {
    throw new XbuildError('usage', '--watch cannot tell what a build in place writes from what you do', {
      hint: 'take "in-place" out of the configuration',
    })
  }
  const watcher = await watchTree(project)
  try {
    for (;;) {
      const end = new AbortController()
      const changes = watcher.changes().then(paths => {
        end.abort()
        return paths
      })
      await buildUnlessChanged(build, AbortSignal.any([signal, end.signal]))
      signal.throwIfAborted()
      if (!end.signal.aborted) note(`watching ${project.directory}; Ctrl-C ends it`)
      note(describe(await Promise.race([changes, interrupted(signal)])))
    }
  } finally {
    await watcher.close()
  }
}

/** A mistake in the configuration, or a failure, is told, and the next change awaited. */
async function buildUnlessChanged(build: (signal: AbortSignal) => Promise<number>, signal: AbortSignal): Promise<void> {
  try {
    await build(signal)
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof XbuildError)) throw error
    printError(error)
  }
}

const interrupted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), {once: true})
  })

function describe(paths: ReadonlySet<string>): string {
  const named = [...paths].slice(0, NAMED).join(', ')
  return `changed: ${named}${paths.size > NAMED ? `, and ${paths.size - NAMED} more` : ''}`
}
