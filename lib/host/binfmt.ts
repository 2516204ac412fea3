import {release} from 'node:os'
import {systemEntryName} from '../core/binfmt.js'
import {hasPrivateBinfmt} from '../core/doctor.js'
import {XbuildError} from '../core/errors.js'
import {readFileIfThere} from './files.js'

/** Whose entry hands the target's programs to the activator: the session's own, or one of the whole system. */
export type Binfmt = 'private' | 'system'

export const kernelHasPrivateBinfmt = () => hasPrivateBinfmt(release())

/** Whether sessions have an instance of their own, where that is wanted or nothing is said. */
export const isBinfmtPrivate = (wanted: Binfmt | undefined) => wanted !== 'system' && kernelHasPrivateBinfmt()

const SYSTEM_DIRECTORY = '/proc/sys/fs/binfmt_misc'

/**
 * A session's own binfmt_misc where the kernel has that and nothing else is asked for; otherwise the system's, if the
 * activator is registered in it.
 */
export async function chooseBinfmt(wanted: Binfmt | undefined, profile: string): Promise<Binfmt> {
  if (isBinfmtPrivate(wanted)) return 'private'
  const entry = await readFileIfThere(`${SYSTEM_DIRECTORY}/${systemEntryName(profile)}`)
  if (entry?.startsWith('enabled')) return 'system'
  const why =
    wanted === 'system'
      ? 'the settings ask for the'
      : `this kernel (${release()}) has no binfmt_misc for sessions (Linux 6.7 and later have), only the`
  throw new XbuildError('kernel-too-old', `${why} system's, where ${profile} is not registered`, {
    hint: `as root, once: xbuild-env system register ${profile}`,
  })
}
