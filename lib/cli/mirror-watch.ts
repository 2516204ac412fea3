import {DISTRIBUTIONS} from '../core/distributions/distributions.js'
import {XbuildError} from '../core/errors.js'
import type {CreatePlan} from '../environment/create.js'
import {isThere} from '../host/files.js'
import {probeMirror} from '../host/mirror.js'

/** After so many ms without an answer that is told, and after so many given up. */
const TOLD_AFTER = 5000
const GIVEN_UP_AFTER = 30_000

export interface MirrorWatch {
  /** Aborted where the mirror does not answer. */
  signal: AbortSignal
  stop: () => void
}

/**
 * Asks the mirror for a file, beside what is made of it: one that does not answer is told soon, and ends it through the
 * signal. What an answer is worth, apt finds out.
 */
export function watchMirror(plan: CreatePlan, tell: (text: string) => void): MirrorWatch {
  const {suite, distribution} = plan.profile.suite
  const address = plan.mirror ?? DISTRIBUTIONS[distribution].mirror(plan.root.architecture)
  if (!/^https?:/.test(address) || !fetches(plan)) return {signal: new AbortController().signal, stop: () => {}}
  const ended = new AbortController()
  const stopped = new AbortController()
  const told = setTimeout(() => tell(`${address} has not answered yet, for ${TOLD_AFTER / 1000} s`), TOLD_AFTER)
  const over = setTimeout(() => ended.abort(silent(address)), GIVEN_UP_AFTER)
  const answered = () => {
    clearTimeout(told)
    clearTimeout(over)
  }
  // Small, so that whatever answers has soon answered.
  void probeMirror(`${address.replace(/\/+$/, '')}/dists/${suite}/Release.gpg`, stopped.signal).then(answered, answered)
  return {
    signal: ended.signal,
    stop: () => {
      answered()
      stopped.abort()
    },
  }
}

/** Whether anything is not there yet. */
const fetches = (plan: CreatePlan) => !isThere(plan.root.directory) || (plan.programs === 'emulated' && !isThere(plan.twins.directory))

const silent = (address: string) =>
  new XbuildError('network', `${address} does not answer: nothing came for ${GIVEN_UP_AFTER / 1000} s`, {
    hint: 'check the network, http_proxy, and the mirror (--mirror URL)',
  })
