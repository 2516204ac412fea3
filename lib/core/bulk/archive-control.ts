import type {Difference} from '../compare/difference.js'
import {parseStanzas} from '../debian/deb822.js'
import {CONTROL_FILE, type ComparedPackage, haveSameImports, RENAMED} from './archive-evidence.js'

/** See ArchiveCause. */
type ControlCause = 'rebuild' | 'libraries'

/** Why a package's control file differs from that of the archive's: nothing, where a field is left that has no cause. */
export function controlCauses({place, lines}: Difference, known: ComparedPackage): ControlCause[] {
  if (!CONTROL_FILE.test(place.slice(0, place.lastIndexOf(': ')))) return []
  if (!lines && !place.endsWith(': lines')) return [] // of its owner or mode
  const [here, there] = known.controls.map(control => parseStanzas(control)[0])
  if (!here || !there) return []
  const cause = (name: string) => fieldCause(name, here.get(name), there.get(name), known)
  const [, field] = /^([!-9;-~]+):/.exec(lines?.hybrid ?? '') ?? []
  const differing = [...new Set([...here.keys(), ...there.keys()])].filter(name => here.get(name) !== there.get(name))
  const asked = field === undefined ? differing : differing.filter(name => name === field.toLowerCase())
  const causes = asked.map(cause)
  return causes.includes(undefined) ? [] : [...new Set(causes.flatMap(one => one ?? []))]
}

/** A rebuild of the archive's for one architecture: Debian Developer's Reference 5.10.2.1. */
const REBUILD = /\+b\d+/g

export const withoutRebuild = (text: string) => text.replace(REBUILD, '')

/** `Source` names the version that `Version` had, and the size counts a changelog of the rebuild's. */
const OF_REBUILD = ['source', 'installed-size']
const RELATIONS = ['pre-depends', 'depends', 'recommends', 'suggests', 'breaks']

function fieldCause(name: string, here: string | undefined, there: string | undefined, known: ComparedPackage): ControlCause | undefined {
  if (known.isRebuild && OF_REBUILD.includes(name)) return 'rebuild'
  if (here === undefined || there === undefined) return undefined
  const [one, other] = known.isRebuild ? [here, there].map(withoutRebuild) : [here, there]
  if (one === other) return 'rebuild'
  if (!RELATIONS.includes(name) || libraries(here) !== libraries(there)) return undefined
  return known.evidence.length > 0 || haveSameImports(known.pairs) ? 'libraries' : undefined
}

/** Of one dependency: a least version, as libraries ask for. */
const LEAST = / \(>= [^)]*\)/g

/** What packages are needed, of whatever version. */
const libraries = (relations: string) =>
  withoutRebuild(relations)
    .replace(LEAST, '')
    .split(', ')
    .map(name => RENAMED.get(name) ?? name)
    .sort()
    .join(', ')
