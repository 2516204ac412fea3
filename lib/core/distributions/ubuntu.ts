import type {Distribution, WantedArchive} from './distribution.js'

/** Where ubuntu-keyring has the archive's keys, on the host and in roots. */
const KEYRING = 'ubuntu-archive-keyring.gpg'
const KEYRING_PATH = `/usr/share/keyrings/${KEYRING}`

/** The architectures of the archive proper; all others are ports. https://wiki.ubuntu.com/SupportedArchitectures */
const MAIN_ARCHITECTURES = ['amd64', 'i386']
const ARCHIVE = {packages: 'http://archive.ubuntu.com/ubuntu', security: 'http://security.ubuntu.com/ubuntu'}
const PORTS = {packages: 'http://ports.ubuntu.com/ubuntu-ports', security: 'http://ports.ubuntu.com/ubuntu-ports'}

const archiveOf = (architecture: string) => (MAIN_ARCHITECTURES.includes(architecture) ? ARCHIVE : PORTS)

/** The free ones: what Debian has in `main`. Cross compilers and qemu are in `universe`. https://help.ubuntu.com/community/Repositories */
const COMPONENTS = 'main universe'

/** Verified by that key alone, which the root has too, since apt depends on it there. man 5 sources.list, OPTIONS */
function sources({suite, architectures, mirror}: WantedArchive): string[] {
  return architectures.flatMap(architecture => {
    const own = archiveOf(architecture)
    const {packages, security} = mirror === undefined ? own : {packages: mirror, security: mirror}
    const line = (address: string, pocket: string) =>
      `deb [arch=${architecture} signed-by=${KEYRING_PATH}] ${address} ${pocket} ${COMPONENTS}`
    return [line(packages, suite), line(packages, `${suite}-updates`), line(security, `${suite}-security`)]
  })
}

export const UBUNTU: Distribution = {
  label: 'Ubuntu',
  keys: {package: 'ubuntu-keyring', isWhole: file => file === KEYRING, suiteOf: () => undefined},
  mirror: architecture => archiveOf(architecture).packages,
  sources,
  fileSearch: (suite, name) =>
    `https://packages.ubuntu.com/search?searchon=contents&mode=exactfilename&suite=${suite}&keywords=${encodeURIComponent(name)}`,
  // `…ubuntuN.M`, and `…~RELEASE.M` of what came from a later one: https://wiki.ubuntu.com/SecurityTeam/UpdatePreparation
  withoutUpdate: version => version.replace(/(~\d\d\.\d\d)\.\d+$/, '$1').replace(/(ubuntu\d+)(\.\d+)+$/, '$1'),
}
