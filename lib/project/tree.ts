import {join} from 'node:path'
import {runSession} from '../host/session.js'
import type {StepPlace} from './place.js'
import {planStep} from './run-step.js'

/**
 * Shows the tree as a target's steps see it, for as long as it is being used: a view is nowhere but in a session. A path
 * below it must not be followed through symbolic links: an absolute one leads to the host's own files.
 */
export async function withTree<T>(place: StepPlace, signal: AbortSignal, use: (tree: string) => Promise<T>): Promise<T> {
  const {directory, sources} = place.project
  if (sources === 'in-place') return use(directory)
  const end = new AbortController()
  let using: Promise<T> | undefined
  const onReady = (pid: number) => {
    using = use(join(`/proc/${pid}/root`, directory)).finally(() => end.abort())
    using.catch(() => {}) // awaited below
  }
  const plan = await planStep(place, 'hold')
  signal.throwIfAborted()
  await runSession(plan, {output: {lines: () => {}}, onReady, signal: AbortSignal.any([signal, end.signal])})
  signal.throwIfAborted()
  if (using === undefined) throw new Error('the session that shows the tree ended before it began')
  return using
}
