import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {NoRoute, TargetFacts} from '../core/twins/route.js'
import {writeFileSafely} from '../host/files.js'
import {shim} from '../host/shims.js'
import type {Interpreter} from './kinds/kind.js'
import {INTERPRETERS} from './kinds/kinds.js'
import {findAllModules, type ModuleSearch, type Modules, modulePackages} from './modules.js'
import type {PackageIndex} from './packages.js'

/** What host-native interpreters have to know of a root. */
export interface Preludes {
  root: PackageIndex
  target: TargetFacts
  interpreters: readonly {interpreter: Interpreter; modules: Modules}[]
  /** The packages whose modules have no twins. */
  missing: NoRoute[]
}

export async function findPreludes(search: ModuleSearch): Promise<Preludes> {
  const find = async (interpreter: Interpreter) => ({interpreter, modules: await findAllModules(interpreter.modules, search)})
  const interpreters = await Promise.all(INTERPRETERS.map(find))
  return {root: search.root, target: search.target, interpreters, missing: interpreters.flatMap(({modules}) => modules.missing)}
}

/** The packages of a root that have compiled modules of any interpreter. */
export async function interpreterPackages(root: PackageIndex, target: TargetFacts): Promise<string[]> {
  const kinds = INTERPRETERS.flatMap(({modules}) => modules)
  return (await Promise.all(kinds.map(kind => modulePackages(kind, root, target)))).flat()
}

/** Sessions that run see them from their next perl or python on. `statusTime`: of dpkg's status file, ms since 1970. */
export async function writePreludes(directory: string, {root, target, interpreters}: Preludes, statusTime: number): Promise<void> {
  for (const {interpreter, modules} of interpreters) {
    const known = {root, target, modules, statusTime}
    const text = interpreter.fill(await readFile(shim(interpreter.prelude), 'utf8'), known)
    await writeFileSafely(join(directory, interpreter.prelude), text)
  }
}
