import type {Order} from '../core/bulk/cycles.js'
import {Installer, needsOf} from '../core/bulk/needs.js'
import {orderRun} from '../core/bulk/order.js'
import type {BuildSettings} from '../core/bulk/plan.js'
import {parseBinaries} from '../core/debian/binary-index.js'
import type {IndexedSource} from '../core/debian/source-index.js'
import {buildProfiles} from '../packages/deb-plan.js'
import type {OwnSource} from '../packages/own-source.js'

/** In what order packages are built of which some need others: by the archives' lists, and by what lies on the host. */
export function feedOrder(
  archive: {packages: readonly IndexedSource[]; binaries: string},
  own: readonly OwnSource[],
  architecture: string,
  settings: Pick<BuildSettings, 'checks' | 'profiles'>,
): Order {
  const binaries = parseBinaries(archive.binaries)
  for (const one of own.flatMap(one => one.binaries)) binaries.set(one.name, one)
  const profiles = buildProfiles(settings)
  // Packages for all architectures are not built: they come from the archive, and what they depend on with them.
  const installer = new Installer(binaries, {
    architecture,
    profiles: () => profiles,
    role: binary => (binary.architecture === 'all' ? 'there' : 'built'),
  })
  const names = new Set(own.map(({source}) => source.name))
  const sources = [...archive.packages.filter(({name}) => !names.has(name)), ...own.map(({source}) => source)]
  return orderRun(needsOf(sources, installer))
}
