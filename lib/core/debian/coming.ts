import {parseStanzas, type Stanza} from './deb822.js'
import {type InstalledPackage, parseStatus, parseSums} from './packages.js'

/** A package that will be installed. */
export interface ComingPackage {
  pack: InstalledPackage
  /** Whether it has compiled modules of perl or python. */
  modules: 'some' | 'none'
  /** The md5 sums of its files, by path, where the package was looked into. */
  sums: ReadonlyMap<string, string>
}

/** Before the sums of one package, in what `look` prints; its name follows. */
export const SUMS_OF = '--- md5 sums of '

/**
 * What was printed of packages that will come: what `apt-cache show` says of all, then the lists of sums of some. Those of
 * other architectures are left out: they have no program of the target.
 */
export function parseComing(lines: readonly string[]): ComingPackage[] {
  const firstSums = lines.findIndex(line => line.startsWith(SUMS_OF))
  const [records, lists] = firstSums === -1 ? [lines, []] : [lines.slice(0, firstSums), lines.slice(firstSums)]
  const sums = parseLists(lists)
  const text = records.join('\n')
  const withModules = new Set(parseStanzas(text).flatMap(stanza => (hasModules(stanza) ? [stanza.get('package')] : [])))
  const packages = parseStatus(text).filter(({name}) => !name.endsWith('-')) // to apt-get, a wish to remove it
  return packages.map(pack => ({
    pack,
    modules: withModules.has(pack.name) ? 'some' : 'none',
    sums: sums.get(pack.name) ?? new Map(),
  }))
}

function parseLists(lines: readonly string[]): Map<string, ReadonlyMap<string, string>> {
  const starts = lines.flatMap((line, i) => (line.startsWith(SUMS_OF) ? [i] : []))
  return new Map(
    starts.map((start, i) => {
      const name = (lines[start] ?? '').slice(SUMS_OF.length)
      return [name, parseSums(lines.slice(start + 1, starts[i + 1]).join('\n'))]
    }),
  )
}

/**
 * By what a package for one architecture depends on: Debian Perl Policy 3.4.1 (`perlapi-…`), Debian Python Policy 4.1 (a module of one version, or some,
 * needs less than the next).
 */
export const needsModules = (relations: string) => /\bperlapi-|\bpython3 \(<< |\bpython3-numpy-abi/.test(relations)

const hasModules = (stanza: Stanza) =>
  stanza.get('architecture') !== 'all' && ['pre-depends', 'depends'].some(field => needsModules(stanza.get(field) ?? ''))
