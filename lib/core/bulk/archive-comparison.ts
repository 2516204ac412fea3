import type {Difference} from '../compare/difference.js'
import {parseStanzas} from '../debian/deb822.js'
import {withoutEpoch} from '../debian/source-package.js'

/** How a package compares with the archive's own, which was built on real hardware. */
export type ArchiveClass = 'identical' | 'explained' | 'different'

export interface ArchiveComparison {
  package: string
  /** The archive's: with `+bN` where it has built it again. */
  version: string
  class: ArchiveClass
  /** The first so many places that differ without a stated cause. */
  differences: readonly {place: string; detail: string}[]
  /** Stated causes of the others. */
  causes: readonly string[]
}

/** Differences that are kept of a package. */
const MOST = 20

/** A rebuild of the archive's for one architecture: Debian Developer's Reference 5.10.2.1. */
const REBUILD = /\+b\d+/g

/** What such a rebuild adds, and what says so: debhelper, dh_installchangelogs(1). */
const REBUILD_CHANGELOG = /changelog\.Debian\.[a-z0-9-]+(\.gz)?\b/

/** Lists of the other files' sums, which are compared themselves. man 5 deb-md5sums */
const SUMS = /: \.\/md5sums: lines$/
const CONTROL = /: \.\/control: lines$/

type Compared = {place: string; differences: readonly Difference[]}

/** Whether the archive's version is the one that a file's name has, or a rebuild of it. Such names have no epoch, apt's have. */
export const isBuiltOf = (version: string, named: string): boolean => withoutEpoch(version).replace(/\+b\d+$/, '') === withoutEpoch(named)

/** What is known of why a package differs from the archive's; `controls` are both control files. */
export function classify(
  name: string,
  version: string,
  files: readonly Compared[],
  controls: readonly [string, string],
): ArchiveComparison {
  const isRebuild = /\+b\d+$/.test(version)
  const causes = new Set<string>()
  const left: {place: string; detail: string}[] = []
  for (const {differences} of files) {
    for (const difference of differences) {
      const cause = difference.cause === 'none' ? ownCause(difference, isRebuild, controls) : difference.cause
      if (cause === undefined) left.push({place: difference.place, detail: difference.detail.replaceAll('emulated', "archive's")})
      else causes.add(cause)
    }
  }
  const found: ArchiveClass = left.length > 0 ? 'different' : causes.size > 0 ? 'explained' : 'identical'
  return {package: name, version, class: found, differences: left.slice(0, MOST), causes: [...causes]}
}

function ownCause({place, detail}: Difference, isRebuild: boolean, controls: readonly [string, string]): string | undefined {
  const [, one = '', other = ''] = /^(.*) and (.*)$/.exec(detail) ?? []
  const withoutTime = (text: string) => text.replace(/time \d+/, '')
  if (place.endsWith(': header') && one !== '' && withoutTime(one) === withoutTime(other)) return 'date'
  if (!isRebuild) return undefined
  if (REBUILD_CHANGELOG.test(place) || REBUILD_CHANGELOG.test(detail) || SUMS.test(place)) return 'rebuild'
  return CONTROL.test(place) && isSameControl(controls) ? 'rebuild' : undefined
}

/** Fields that a rebuild has otherwise: `Source` names the version that `Version` had, and the size counts its changelog. */
const OF_REBUILD = ['source', 'version', 'installed-size']

function isSameControl(controls: readonly [string, string]): boolean {
  const [one, other] = controls.map(control => {
    const fields = [...(parseStanzas(control)[0] ?? [])].filter(([name]) => !OF_REBUILD.includes(name))
    return JSON.stringify(fields.map(([name, value]) => [name, value.replace(REBUILD, '')]).sort())
  })
  return one === other
}

/** Of all packages of a source. `none`: the archive has none of that version. */
export function worstOf(compared: readonly ArchiveComparison[]): ArchiveClass | 'none' {
  const classes = compared.map(one => one.class)
  return (['different', 'explained', 'identical'] as const).find(one => classes.includes(one)) ?? 'none'
}
