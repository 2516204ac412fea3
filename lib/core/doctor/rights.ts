import {asRoot} from '../as-root.js'
import type {CiSystem} from '../ci/system.js'
import {IDS_NEEDED} from '../session/subordinate-ids.js'
import {type Facts, type Finding, missing, ok, warning} from './facts.js'

/** What the user may do on the host: namespaces, ids, containers. */

export function checkNamespaces({namespaces, user, root, session, container, surroundings}: Facts): Finding {
  const {limit, debianSwitch, apparmorSwitch, trial} = namespaces
  const sysctl = (setting: string) => asRoot(root, ['sysctl', setting])
  if (session?.trial.worked) return ok(`${user.name} may make user namespaces`)
  if (limit === 0) return missing('user namespaces are switched off', sysctl('user.max_user_namespaces=15000'))
  if (user.uid !== 0 && debianSwitch === '0') {
    return missing('only root may make user namespaces', sysctl('kernel.unprivileged_userns_clone=1'))
  }
  if (user.uid !== 0 && apparmorSwitch === '1') {
    return missing(
      'AppArmor keeps ordinary users out of user namespaces',
      `give xbuild-session an AppArmor profile with "userns,", or: ${sysctl('kernel.apparmor_restrict_unprivileged_userns=0')}`,
    )
  }
  if (!trial.worked && surroundings === 'session')
    return missing(
      'this is a session of xbuild-env itself, in which there are no other sessions',
      'run xbuild-env outside of it, on the host',
    )
  if (!trial.worked && surroundings === 'chroot')
    return missing(
      'this is a chroot, from which the kernel lets nobody make user namespaces (man 2 unshare, EPERM)',
      'run xbuild-env outside of the chroot, or enter it otherwise: systemd-nspawn --directory DIR, or pivot_root(2)',
    )
  if (!trial.worked)
    return missing(
      `a user namespace cannot be made: ${trial.why}`,
      container ? containerFix(container) : 'ask whoever runs this host: a security module forbids it',
    )
  return ok(`${user.name} may make user namespaces`)
}

/** Besides the user's own id, which is the session's root. */
const hasIds = ({ids}: Facts) => Math.min(ids.uids, ids.gids) >= IDS_NEEDED - 1

export function checkIds(facts: Facts): Finding {
  const {ids, user, root} = facts
  const least = Math.min(ids.uids, ids.gids)
  if (hasIds(facts)) return ok(user.uid === 0 ? 'root has ids for all users of a root' : `${user.name} has ${least} subordinate ids`)
  if (user.uid === 0)
    return missing(
      `root has ${least} ids in this container or namespace, and Debian needs ${IDS_NEEDED}`,
      'start the container with a larger id map',
    )
  const files = [...(ids.uids < IDS_NEEDED - 1 ? ['/etc/subuid'] : []), ...(ids.gids < IDS_NEEDED - 1 ? ['/etc/subgid'] : [])]
  return missing(`${user.name} has no range of ${IDS_NEEDED} subordinate ids in ${files.join(' and ')}`, asRoot(root, ids.give))
}

export function checkIdPrograms({idPrograms, noNewPrivileges, user, root}: Facts): Finding {
  if (user.uid === 0) return ok('root needs neither newuidmap nor newgidmap')
  const having = (state: string) => Object.keys(idPrograms).filter(name => idPrograms[name] === state)
  const [absent, plain] = [having('absent'), having('plain')]
  if (absent.length > 0) return missing(`${absent.join(' and ')}: not installed`, asRoot(root, ['apt-get', 'install', 'uidmap']))
  if (plain.length > 0)
    return missing(
      `${plain.join(' and ')}: without the privilege to map ids`,
      asRoot(root, ['apt-get', 'install', '--reinstall', 'uidmap']),
    )
  if (noNewPrivileges)
    return missing('newuidmap gains no privilege here (no_new_privs)', 'start the container or service without no-new-privileges')
  return ok('newuidmap and newgidmap')
}

/** Docker's and podman's usual filter forbids namespaces and mounts, and what they mask in /proc a fresh /proc. */
const CONTAINER_FIX =
  'start the container with --privileged, or with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined'

/** Where each CI system is told how to start its containers. */
const CI_FIXES: Record<CiSystem, string> = {
  github: "in the workflow, add to the job's container: options: --privileged",
  gitlab: "in the runner's config.toml, add to [runners.docker]: privileged = true",
  woodpecker: 'in the pipeline, add to the step: privileged: true; the repository has to be trusted for it, in its settings',
}

const containerFix = ({ci}: NonNullable<Facts['container']>) => (ci === undefined ? CONTAINER_FIX : CI_FIXES[ci])

export function checkContainer({container, session, namespaces}: Facts): Finding {
  if (!container) return ok('not in a container')
  const {marker, filtered} = container
  if (session?.trial.worked) return ok(`in a container (${marker}) that allows sessions`)
  if (namespaces.trial.worked) return ok(`in a container (${marker}) that allows user namespaces`)
  return filtered
    ? warning(`in a container (${marker}) with a system call filter, which may forbid namespaces`, containerFix(container))
    : ok(`in a container (${marker}) without a system call filter`)
}

export function checkSession(facts: Facts): Finding {
  const {session, missingShims, container} = facts
  if (missingShims.length > 0 || !session) return missing('not tried: the shims are not built', 'npm run build')
  if (session.trial.worked) return ok('one was made, and ended')
  const isMapped = checkIds(facts).state === 'ok' && checkIdPrograms(facts).state === 'ok'
  return missing(
    session.trial.why,
    container && isMapped ? containerFix(container) : 'mend what is missing above; where nothing is, please report it',
  )
}
