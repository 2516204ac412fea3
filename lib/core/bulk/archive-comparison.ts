import type {Difference} from '../compare/difference.js'
import {CAUSES} from '../compare/verdict.js'
import {withoutEpoch} from '../debian/source-package.js'
import {ARCHIVE_CAUSES, archiveCauses} from './archive-causes.js'
import type {ComparedPackage} from './archive-evidence.js'

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
  /** What proves that the archive's was built with other tools; older results have none. */
  evidence?: readonly string[]
}

/** Differences that are kept of a package. */
const MOST = 20

type Compared = {place: string; differences: readonly Difference[]}

/** Whether the archive's version is the one that a file's name has, or a rebuild of it. Such names have no epoch, apt's have. */
export const isBuiltOf = (version: string, named: string): boolean => withoutEpoch(version).replace(/\+b\d+$/, '') === withoutEpoch(named)

/** What is known of why a package differs from the archive's. */
export function classify(name: string, version: string, files: readonly Compared[], known: ComparedPackage): ArchiveComparison {
  const causes = new Set<string>(known.packing === 'otherwise' ? ['packing'] : [])
  const left: {place: string; detail: string}[] = []
  for (const {differences} of files) {
    for (const difference of differences) {
      const found = difference.cause === 'none' ? archiveCauses(difference, known) : [difference.cause]
      if (found.length === 0) left.push({place: difference.place, detail: difference.detail.replaceAll('emulated', "archive's")})
      for (const cause of found) causes.add(cause)
    }
  }
  const found: ArchiveClass = left.length > 0 ? 'different' : causes.size > 0 ? 'explained' : 'identical'
  const evidence = found === 'identical' ? [] : known.evidence
  return {package: name, version, class: found, differences: left.slice(0, MOST), causes: [...causes], evidence}
}

const TEXTS: Readonly<Record<string, string>> = {...CAUSES, ...ARCHIVE_CAUSES}

/** How a package compares, for people. */
export function describeComparison({class: found, causes, evidence = []}: ArchiveComparison): string {
  if (found !== 'explained') return found
  const proven = evidence.length > 0 && causes.includes('toolchain') ? `; the archive's was built with ${evidence.join(', ')}` : ''
  return `identical but for ${causes.map(cause => TEXTS[cause] ?? cause).join(', ')}${proven}`
}

/** Of all packages of a source. `none`: the archive has none of that version. */
export function worstOf(compared: readonly ArchiveComparison[]): ArchiveClass | 'none' {
  const classes = compared.map(one => one.class)
  return (['different', 'explained', 'identical'] as const).find(one => classes.includes(one)) ?? 'none'
}
