import {copyFile, readdir, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {addLibrary, libraryLike} from '../../core/elf/needed.js'
import {hostArchitecture} from '../../core/hosts/hosts.js'
import {LIBRARY_DIRECTORY, PYTHON_PRELUDE} from '../../core/places.js'
import type {TargetFacts} from '../../core/twins/route.js'
import {namesIn} from '../../host/beneath.js'
import {isThere} from '../../host/files.js'
import {shim} from '../../host/shims.js'
import {type ModuleKind, type Modules, movedToTwinLibraries} from '../modules.js'
import type {PackageIndex} from '../packages.js'
import {type OwnInterpreter, ownInterpreter} from '../program.js'
import type {Adaptation, TwinKind} from './kind.js'
import {fillPlaceholder} from './placeholder.js'

/** `python3`, which all versions share, and those of single versions: Debian's Python Policy, 3.1. */
const LIBRARIES = /^python3(\.\d+)?$/

/** python's compiled modules: the standard library's, and those of packages. */
export const PYTHON_MODULES: ModuleKind = {
  directories: async ({tree}) => {
    const names = namesIn(tree, 'usr/lib')
      .filter(name => LIBRARIES.test(name))
      .sort()
    return names.map(name => (name === 'python3' ? '/usr/lib/python3/dist-packages' : `/usr/lib/${name}/lib-dynload`))
  },
  // PEP 3149 and the stable ABI of PEP 384: NAME.cpython-311-TRIPLE.so, NAME.abi3.so
  isModule: name => /\.(cpython-\d+-[^.]+|abi3)\.so$/.test(name),
  twinPath: movedToTwinLibraries,
  lackMakesEmulated: 'all',
}

const PROGRAM = /^\/usr\/bin\/python3\.\d+$/

/** What a python loads shims/python/hook.c by: the end of the name of a library that it needs in any case. */
const HOOK_LIKE = 'libc.so.6'

/** Puts the hook and python's own modules among the libraries, which is what a session shows of the twin set. */
async function arrange(tree: string, {host}: Adaptation): Promise<void> {
  const libraries = join(tree, 'usr/lib', host.triple)
  const programs = await readdir(join(tree, 'usr/bin')).catch(() => [])
  if (programs.some(name => PROGRAM.test(`/usr/bin/${name}`)))
    await copyFile(shim('xbuild-python.so'), join(libraries, libraryLike(HOOK_LIKE)))
  for (const name of await readdir(join(tree, 'usr/lib'))) {
    if (LIBRARIES.test(name) && !isThere(join(libraries, name))) await rename(join(tree, 'usr/lib', name), join(libraries, name))
  }
}

/** Of several versions, the first. */
function ownPython(root: PackageIndex): OwnInterpreter {
  const name = namesIn(root.tree, 'usr/bin').find(name => PROGRAM.test(`/usr/bin/${name}`))
  return ownInterpreter(root, `usr/bin/${name ?? 'python3'}`)
}

/** The place in shims/python/prelude.py where what is known goes. */
const PLACEHOLDER = 'KNOWN = {}'

/** The prelude with what is known of a root filled in: as JSON, which without null and truth values is Python. `statusTime`: ms since 1970. */
export function fillPythonPrelude(
  prelude: string,
  target: TargetFacts,
  {modules, untwinned}: Modules,
  own: OwnInterpreter,
  statusTime: number,
): string {
  const known = {
    host: hostArchitecture().triple,
    target: target.triple,
    errors: target.errors === 'common' ? 'same' : 'other',
    char: target.char === 'signed' ? 'same' : 'other',
    machine: target.uname,
    libraries: LIBRARY_DIRECTORY,
    modules,
    untwinned,
    own,
    status: Math.floor(statusTime),
  }
  return fillPlaceholder(prelude, PLACEHOLDER, `KNOWN = ${JSON.stringify(known, null, 4)}`, 'shims/python/prelude.py')
}

/** Lets the twins of python be the target's: each loads shims/python/hook.c. */
export const PYTHON: TwinKind = {
  name: 'python',
  programs: {isFor: path => PROGRAM.test(path), adapt: bytes => addLibrary(bytes, HOOK_LIKE)},
  arrange,
  interpreter: {
    modules: [PYTHON_MODULES],
    prelude: PYTHON_PRELUDE,
    fill: (shim, {root, target, modules, statusTime}) => fillPythonPrelude(shim, target, modules, ownPython(root), statusTime),
  },
}
