import {asRoot} from '../as-root.js'
import {findStale, nameEntries} from '../binfmt/stale-entries.js'
import {entryProfile, explainTaker, findTaker, isOwnEntry, switchOnLine} from '../binfmt/system-profiles.js'
import {isAtLeast, KERNEL_PRIVATE_BINFMT} from '../kernel.js'
import {type Facts, type Finding, missing, ok, warning} from './facts.js'

/** What the kernel does for sessions: as it was tried, not as its version promises. */

/** What a session's mounts need: mount_setattr(2) is of 5.12; overlayfs in user namespaces, overlayfs.rst, of 5.11. */
const KERNEL_NEEDED = '5.12'

/** The version explains a session that failed. */
export const checkKernel = ({kernel, session}: Facts): Finding =>
  session?.trial.worked !== true && !isAtLeast(kernel, KERNEL_NEEDED)
    ? missing(`Linux ${kernel} lacks mounts that sessions need`, `boot Linux ${KERNEL_NEEDED} or later, ${KERNEL_PRIVATE_BINFMT} at best`)
    : ok(`Linux ${kernel}`)

const NOT_TRIED = ok('not tried, for want of a session')

export function checkOverlay({root, fileSystems, session, data}: Facts): Finding {
  const trial = session?.overlay
  if (trial?.worked) return ok(`works in ${data.directory}`)
  if (trial === undefined) return NOT_TRIED
  if (!fileSystems.includes('overlay'))
    return missing('this kernel has no overlayfs, or has not loaded it', asRoot(root, ['modprobe', 'overlay']))
  return missing(
    `it cannot keep changes in ${data.directory}: ${trial.why}`,
    'keep the data on a local file system such as ext4, xfs or btrfs: XBUILD_ENV_DATA=/some/directory',
  )
}

/** User attributes on tmpfs, which overlayfs keeps its own in, are of Linux 6.6: man 5 xattr. */
export function checkMemory({session}: Facts): Finding {
  const trial = session?.memory
  if (trial === undefined) return NOT_TRIED
  return trial.worked
    ? ok('dpkg works in --ephemeral sessions')
    : warning(
        `in --ephemeral sessions dpkg may fail: ${trial.why}`,
        'install packages in lasting sessions, or boot Linux 6.6 or later, whose tmpfs has user attributes',
      )
}

export function checkBinds({session}: Facts): Finding {
  const trial = session?.binds
  if (trial === undefined) return NOT_TRIED
  return trial.worked ? ok('a root in the making gets its twins') : missing(`a root cannot get its twins: ${trial.why}`, 'please report it')
}

export function checkBinfmt(facts: Facts): Finding {
  const {binfmt, session} = facts
  const trial = session?.binfmt
  if (trial?.worked) return ok('each session has an instance of its own')
  if (!binfmt.inKernel) return missing('this kernel has no binfmt_misc', 'boot one that has, such as any of Debian')
  if (binfmt.way === 'system') return checkSystemBinfmt(facts)
  if (trial === undefined) return NOT_TRIED
  return missing(`a session cannot have an instance of its own: ${trial.why}`, 'ask whoever runs this host: a security module forbids it')
}

/** Any profile will do as an example. */
const EXAMPLE = 'mips64el'

/** The profiles of the user's environments, and those that somebody has registered; where there is none, an example. */
function checkSystemBinfmt({binfmt: {system, profiles}, root}: Facts): Finding {
  const registered = system.entries.flatMap(({name}) => (isOwnEntry(name) ? [entryProfile(name)] : []))
  const all = [...new Set([...profiles, ...registered])]
  const wanted = all.length > 0 ? all : [EXAMPLE]
  for (const profile of wanted) {
    const wrong = explainTaker(profile, findTaker(profile, system), root)
    if (wrong) return missing(`sessions use the system's: ${wrong.what}`, wrong.fix)
  }
  return ok(`the system's, with ${wanted.join(', ')}`)
}

/** A finding for each thing that is wrong, with whatever entries it is wrong with. */
export function checkEntries({binfmt, root}: Pick<Facts, 'binfmt' | 'root'>): Finding[] {
  const {entries, instance} = binfmt.system
  const stale = findStale(entries, root).map(({names, what, fix}) => warning(`${nameEntries(names)}: ${what}`, fix))
  if (instance === 'off') stale.unshift(warning('the instance is switched off', switchOnLine(root)))
  if (stale.length > 0) return stale
  return [ok(entries.length === 0 ? 'none' : nameEntries(entries.map(({name}) => name)))]
}
