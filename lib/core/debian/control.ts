import {parseStanzas} from './deb822.js'

/** Provided by packages of other names, which apt-get would have to guess. */
const VIRTUAL: Readonly<Record<string, string>> = {'debhelper-compat': 'debhelper', 'dh-sequence-python3': 'dh-python'}

/** Which of a source's packages: those for one architecture, as a buildd builds them, or all. */
export type BuiltPackages = 'any' | 'all'

/** As parseStanzas calls them. */
const FIELDS: Readonly<Record<BuiltPackages, readonly string[]>> = {
  any: ['build-depends', 'build-depends-arch'],
  all: ['build-depends', 'build-depends-arch', 'build-depends-indep'],
}

/** `all` where none of a source's packages depends on the architecture. Debian Policy 5.6.8 */
export const builtPackages = (control: string): BuiltPackages =>
  parseStanzas(control).some(stanza => stanza.has('package') && stanza.get('architecture') !== 'all') ? 'any' : 'all'

/**
 * The packages that a Debian source package needs to be built: of alternatives the first; without versions. What is for
 * other architectures, or profiles that are not the usual, apt-get passes over no more than this does: it is left out.
 * Debian Policy 7.1 and 7.7, and https://wiki.debian.org/BuildProfileSpec
 */
export function buildDependencies(control: string, packages: BuiltPackages): string[] {
  const source = parseStanzas(control)[0]
  const fields = FIELDS[packages].flatMap(field => (source?.get(field) ?? '').split(','))
  const names = fields.flatMap(field => {
    const first = (field.split('|')[0] ?? '').trim()
    const name = /^[a-z0-9][a-z0-9+.-]*/.exec(first)?.[0]
    const isElsewhere = /\[[^!\]]/.test(first) || /<[^!>]/.test(first)
    return name === undefined || isElsewhere ? [] : [VIRTUAL[name] ?? name]
  })
  return [...new Set(['dpkg-dev', ...names])].sort()
}
