import {asRoot} from '../as-root.js'
import {isAtLeast} from '../kernel.js'
import {type Facts, type Finding, missing, ok, warning} from './facts.js'

/** What has to be installed, and where the data lies. */

/** package.json, "engines" */
const NODE_NEEDED = '20'

/** A root, its twin set, and some room to build. */
const FREE_BYTES_WANTED = 1.5e9

export const checkNode = ({node}: Facts): Finding =>
  isAtLeast(node, NODE_NEEDED) ? ok(`Node ${node}`) : missing(`Node ${node} is too old`, `install Node ${NODE_NEEDED} or later`)

export const checkArchitecture = ({architecture}: Facts): Finding =>
  architecture.known
    ? ok(`this machine is ${architecture.name}`)
    : missing(
        `this machine is ${architecture.name}, whose programs cannot be made twins yet`,
        'run xbuild-env on an x86-64 machine (x64), the only kind that was tried',
      )

export const checkShims = ({missingShims}: Facts): Finding =>
  missingShims.length === 0 ? ok('built') : missing(`not built: ${missingShims.join(', ')}`, 'npm run build')

const install = ({root}: Facts, ...packages: readonly string[]) => asRoot(root, ['apt-get', 'install', ...packages])

/** Only for building the shims. */
export function checkCompiler(facts: Facts): Finding {
  const absent = ['cc', 'make'].filter(name => !facts.programs.includes(name))
  if (absent.length === 0) return ok('cc and make')
  if (facts.missingShims.length === 0) return ok(`no ${absent.join(' and ')}, but the shims are built`)
  return missing(`${absent.join(' and ')}: not installed, to build the shims with`, install(facts, 'gcc', 'libc6-dev', 'make'))
}

/** mmdebstrap calls the host's: man 1 mmdebstrap. */
export const checkApt = ({programs}: Facts): Finding =>
  programs.includes('apt-get')
    ? ok('installed')
    : missing('this host has no apt-get, which roots are made with', 'run xbuild-env on Debian, or a distribution made of it')

export const checkMmdebstrap = (facts: Facts): Finding =>
  facts.mmdebstrap === undefined ? missing('not installed', install(facts, 'mmdebstrap')) : ok(facts.mmdebstrap)

export const checkFlock = (facts: Facts): Finding =>
  facts.programs.includes('flock') ? ok('installed') : missing('not installed', install(facts, 'util-linux'))

/** Without gpg, mmdebstrap cannot choose a keyring, and apt's own is all that is trusted: man 1 mmdebstrap. */
export function checkKeys(facts: Facts, suites: readonly string[]): Finding {
  const {keys, programs} = facts
  if (!keys) return missing("the keys of Debian's archive are not installed", install(facts, 'debian-archive-keyring'))
  const absent = suites.filter(suite => !keys.includes(suite))
  if (absent.length > 0) {
    return warning(
      `no key of ${absent.join(', ')}`,
      `${install(facts, 'debian-archive-keyring')} (2023.3+deb12u2 and later have the key of trixie)`,
    )
  }
  if (!programs.includes('gpg')) return warning('gpg is not installed, mmdebstrap chooses keys with it', install(facts, 'gpg'))
  return ok(suites.join(', '))
}

export function checkData({data}: Facts): Finding {
  if (!data.writable)
    return missing(`${data.directory} cannot be written`, 'keep the data where you may write: XBUILD_ENV_DATA=/some/directory')
  if (data.noexec) {
    return missing(
      `${data.directory} is mounted noexec, and programs of a twin set run from it`,
      'keep the data elsewhere: XBUILD_ENV_DATA=/some/directory',
    )
  }
  return ok(data.directory)
}

export function checkSpace({data}: Facts): Finding {
  const free = `${(data.freeBytes / 1e9).toFixed(1)} GB free`
  if (data.freeBytes >= FREE_BYTES_WANTED) return ok(free)
  return warning(
    `${free}, an environment takes about ${FREE_BYTES_WANTED / 1e9} GB`,
    'free some space, or keep the data elsewhere: XBUILD_ENV_DATA=/a/larger/disk',
  )
}
