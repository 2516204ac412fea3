import {orderVersions, sourceOf} from './packages.js'

/** A package of an archive's index. Its fields are those of man 5 deb-control. */
export interface AvailablePackage {
  name: string
  version: string
  sourceVersion: string
}

/** The packages of an index (`Packages`). Some ten thousand: only the fields that are needed are looked at. */
export function parseIndex(text: string): AvailablePackage[] {
  const packages: AvailablePackage[] = []
  let fields: Record<string, string> = {}
  const end = () => {
    const {Package: name, Version: version, Source: source} = fields
    if (name && version) packages.push({name, version, sourceVersion: sourceOf(name, version, source).sourceVersion})
    fields = {}
  }
  for (const [line, field, value] of text.matchAll(/^(?:(Package|Version|Source): (.*)|)$/gm)) {
    if (line === '') end()
    else fields[field as string] = value as string
  }
  end()
  return packages
}

/** man 5 apt_preferences: above 1000, a version is installed even where that is a downgrade. */
const PRIORITY = 1001

/**
 * What apt has to prefer so that the twins are of the root's versions: the root gets the newest that its architecture
 * has, which may be older than the host's newest.
 */
export function preferences(host: readonly AvailablePackage[], target: readonly AvailablePackage[]): string {
  const wanted = newest(target)
  const chosen = newest(host)
  const pins = new Map<string, string>()
  for (const {name, version, sourceVersion} of host) {
    const root = wanted.get(name)
    if (root && root.sourceVersion === sourceVersion && chosen.get(name)?.sourceVersion !== sourceVersion) pins.set(name, version)
  }
  return [...pins].map(([name, version]) => `Package: ${name}\nPin: version ${version}\nPin-Priority: ${PRIORITY}\n`).join('\n')
}

function newest(packages: readonly AvailablePackage[]): Map<string, AvailablePackage> {
  const found = new Map<string, AvailablePackage>()
  for (const pack of packages) {
    const other = found.get(pack.name)
    if (!other || orderVersions(pack.version, other.version) > 0) found.set(pack.name, pack)
  }
  return found
}
