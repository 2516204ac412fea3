import {diagnose} from '../core/doctor/doctor.js'
import {XbuildError} from '../core/errors.js'
import type {Binfmt} from '../host/binfmt.js'
import {gatherFacts} from '../host/facts.js'
import {requireExecutable} from '../host/mount-options.js'
import {tryAll} from '../host/trials.js'

/** Before anything is made: throws what keeps this host from running sessions, with the fix that `doctor` has for it. */
export async function requireSessions(data: string, binfmt: Binfmt | undefined): Promise<void> {
  await requireExecutable(data)
  const trial = await tryAll(data, binfmt)
  if (trial.worked) return
  const first = diagnose(await gatherFacts({data, binfmt, profiles: []}), []).find(({state}) => state === 'missing')
  throw new XbuildError('session-failed', `no session can be made here: ${first?.what ?? trial.why}`, {
    hint: first?.fix ?? 'run "xbuild-env doctor" to see what this host lacks',
  })
}
