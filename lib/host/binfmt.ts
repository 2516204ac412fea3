import {release} from 'node:os'
import {XbuildError} from '../core/errors.js'
import {hasPrivateBinfmt} from '../core/kernel.js'
import type {Programs} from '../core/session/mode.js'

/** Whose entry hands the target's programs to the activator: the session's own, or one of the whole system. */
export type Binfmt = 'private' | 'system'

export const kernelHasPrivateBinfmt = () => hasPrivateBinfmt(release())

/** Whether sessions have an instance of their own, where that is wanted or nothing is said. */
export const isBinfmtPrivate = (wanted: Binfmt | undefined) => wanted !== 'system' && kernelHasPrivateBinfmt()

/** Whose programs a session runs: those of an environment's profile. */
export interface RunPrograms {
  profile: string
  programs: Programs
}

/**
 * A session's own binfmt_misc where the kernel has that and nothing else is asked for; otherwise the system's, if that
 * hands the profile's programs to the activator, or these need no entry. Throws `kernel-too-old` where it is not registered there, and
 * `programs-taken` where the kernel would start something else.
 */
export async function chooseBinfmt(wanted: Binfmt | undefined, {profile, programs}: RunPrograms): Promise<Binfmt> {
  if (isBinfmtPrivate(wanted)) return 'private'
  switch (programs) {
    case 'emulated':
      return useSystems(wanted, profile)
    case 'native':
      return 'system'
  }
}

/** Loaded where it is needed: what most sessions need no more than the kernel's own. */
async function useSystems(wanted: Binfmt | undefined, profile: string): Promise<Binfmt> {
  const [{explainTaker, findTaker}, {rootAccess}, {readSystem}] = await Promise.all([
    import('../core/binfmt/system-profiles.js'),
    import('./root-access.js'),
    import('./system-binfmt.js'),
  ])
  const found = findTaker(profile, await readSystem())
  const wrong = explainTaker(profile, found, rootAccess())
  if (!wrong) return 'system'
  if (found.taker !== 'nobody' && found.taker !== 'not-mounted') throw new XbuildError('programs-taken', wrong.what, {hint: wrong.fix})
  const why =
    wanted === 'system'
      ? "the settings ask for the system's binfmt_misc"
      : `this kernel (${release()}) has no binfmt_misc for sessions (Linux 6.7 and later have), only the system's`
  throw new XbuildError('kernel-too-old', `${why}, where ${profile} is not registered`, {hint: wrong.fix})
}
