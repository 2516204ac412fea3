import {Tree} from '../host/beneath.js'
import {isThere, readFileIfThere, writeFileSafely} from '../host/files.js'

/** A file that tells programs how to reach the network, or what is called how in it. */
export interface NetworkFile {
  source: string
  target: string
}

const HOSTS = '/etc/hosts'
const OF_HOST = ['/etc/resolv.conf', HOSTS]

/** Those of the host, for its network. */
export const hostNetworkFiles = (): NetworkFile[] => OF_HOST.filter(isThere).map(path => ({source: path, target: path}))

/**
 * The names that need no network: a root has no such file, since the installer writes it for a machine (netcfg), and sbuild for
 * a build without a network. man 5 hosts; 127.0.1.1: Debian Reference 5.1.1
 */
const ownNames = (name: string) => `127.0.0.1\tlocalhost\n127.0.1.1\t${name}\n::1\tlocalhost ip6-localhost ip6-loopback\n`

/** For a network of its own: a list of hosts, which is kept at `path`, unless the environment has one. */
export async function ownNetworkFiles(layers: readonly string[], name: string, path: string): Promise<NetworkFile[]> {
  const found = new Tree(layers, 'within').status(HOSTS.slice(1))
  // An empty one is what an earlier session has made to show the host's at.
  if (found.kind !== 'missing' && !(found.kind === 'found' && found.value.isFile() && found.value.size === 0)) return []
  const text = ownNames(name)
  if ((await readFileIfThere(path)) !== text) await writeFileSafely(path, text)
  return [{source: path, target: HOSTS}]
}
