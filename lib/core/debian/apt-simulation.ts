import {parseStanzas, type Stanza} from './deb822.js'

/** A package that apt would install. */
export interface ComingPackage {
  name: string
  architecture: string
}

/** Debian Policy 5.6.1; apt-get takes a dash at the end for a wish to remove the package. */
const NAME = /^[a-z0-9][a-z0-9+.-]*(?<!-)$/

/** What `apt-get --simulate` says: `Inst name [old version] (version archive [architecture])`, among much else. */
export function parseSimulation(lines: readonly string[]): ComingPackage[] {
  return lines.flatMap(line => {
    const [, name = ''] = /^Inst ([^\s:]+)[ :]/.exec(line) ?? []
    const [, architecture] = [...line.matchAll(/\[([a-z0-9-]+)\]\)/g)].at(-1) ?? []
    return architecture !== undefined && NAME.test(name) ? [{name, architecture}] : []
  })
}

/**
 * The packages, of what `apt-cache show` says, that have compiled modules of perl or python, by what they depend on: Debian
 * Perl Policy 3.4.1 (`perlapi-…`), Debian Python Policy 4.1 (a module of one version, or some, needs less than the next).
 */
export const packagesWithModules = (records: readonly string[]): string[] =>
  parseStanzas(records.join('\n')).flatMap(stanza => {
    const name = stanza.get('package') ?? ''
    return NAME.test(name) && stanza.get('architecture') !== 'all' && hasModules(stanza) ? [name] : []
  })

const hasModules = (stanza: Stanza) =>
  ['pre-depends', 'depends'].some(field => /\bperlapi-|\bpython3 \(<< |\bpython3-numpy-abi/.test(stanza.get(field) ?? ''))
