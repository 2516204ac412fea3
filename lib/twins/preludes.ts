import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {PERL_PRELUDE, PYTHON_PRELUDE} from '../core/places.js'
import type {NoRoute, TargetFacts} from '../core/twins/route.js'
import {writeFileSafely} from '../host/files.js'
import {shim} from '../host/shims.js'
import {findModules, type ModuleKind, type ModuleSearch, type Modules, modulePackages} from './modules.js'
import type {PackageIndex} from './packages.js'
import {fillPerlPrelude, type OwnPerl, ownPerl, PERL_MODULES, PERL_PROGRAM_MODULES} from './perl.js'
import {fillPythonPrelude, PYTHON_MODULES} from './python.js'

const KINDS: readonly ModuleKind[] = [PERL_MODULES, PERL_PROGRAM_MODULES, PYTHON_MODULES]

/** What host-native interpreters have to know of a root. */
export interface Preludes {
  perl: Modules
  ownPerl: OwnPerl
  python: Modules
  /** The packages whose modules have no twins. */
  missing: NoRoute[]
}

export async function findPreludes(search: ModuleSearch): Promise<Preludes> {
  const [all, programs, python] = await Promise.all([
    findModules(PERL_MODULES, search),
    findModules(PERL_PROGRAM_MODULES, search),
    findModules(PYTHON_MODULES, search),
  ])
  const perl = {...all, modules: [...all.modules, ...programs.modules]}
  return {perl, python, ownPerl: await ownPerl(search.root), missing: [all, programs, python].flatMap(({missing}) => missing)}
}

/** The packages of a root that have compiled modules of any interpreter. */
export async function interpreterPackages(root: PackageIndex, target: TargetFacts): Promise<string[]> {
  return (await Promise.all(KINDS.map(kind => modulePackages(kind, root, target)))).flat()
}

/** Sessions that run see them from their next perl or python on. `statusTime`: of dpkg's status file, ms since 1970. */
export async function writePreludes(directory: string, target: TargetFacts, preludes: Preludes, statusTime: number): Promise<void> {
  const {perl, ownPerl: own, python} = preludes
  await writeFileSafely(join(directory, PERL_PRELUDE), fillPerlPrelude(await readFile(shim(PERL_PRELUDE), 'utf8'), target, perl, own))
  const filled = fillPythonPrelude(await readFile(shim(PYTHON_PRELUDE), 'utf8'), target, python, statusTime)
  await writeFileSafely(join(directory, PYTHON_PRELUDE), filled)
}
