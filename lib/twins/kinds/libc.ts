import {readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {ProgramImage} from '../../core/elf/image.js'
import {whyNot} from '../../core/elf/not-as-expected.js'
import type {HostArchitecture} from '../../core/hosts/host.js'
import {LIBRARY_DIRECTORY, LOADER, LOCALE_DIRECTORY, PRIVATE_DIRECTORY} from '../../core/places.js'
import {withMachineName} from '../../core/twins/machine-name.js'
import {computeAsTarget} from '../../core/twins/math-library.js'
import {type Replacement, replacePaths} from '../../core/twins/replace-paths.js'
import {isThere} from '../../host/files.js'
import {C_LIBRARY_NAME} from '../machine-name.js'
import {makeLoaders} from '../make-loaders.js'
import type {Adaptation, TwinKind} from './kind.js'

const inLibraries = ({triple}: HostArchitecture, name: string) => join('/usr/lib', triple, name)

const ownLibraries = (host: HostArchitecture): Replacement => ({from: `/usr/lib/${host.triple}`, to: LIBRARY_DIRECTORY})

/** The loader's cache is the root's, and of no use to a twin: a path without a file makes it look at the directories. */
const loaderReplacements = (host: HostArchitecture): Replacement[] => [
  ownLibraries(host),
  {from: `/lib/${host.triple}`, to: LIBRARY_DIRECTORY},
  {from: '/etc/ld.so.cache', to: `${PRIVATE_DIRECTORY}/none`},
]

/** Character sets are modules of the host's. Locales are in the byte order of the machine that they were made for. */
const libraryReplacements = (host: HostArchitecture, endian: 'little' | 'big'): Replacement[] => [
  ownLibraries(host),
  ...(endian === 'big' ? [{from: '/usr/lib/locale', to: LOCALE_DIRECTORY}] : []),
]

const MATH_LIBRARY_NAME = 'libm.so.6'

function adapt(bytes: Buffer, path: string, {host, target}: Adaptation): void {
  if (basename(path) === MATH_LIBRARY_NAME) return computeAsTarget(new ProgramImage(bytes), host, target.architecture)
  if (basename(path) !== C_LIBRARY_NAME) return replacePaths(bytes, loaderReplacements(host))
  replacePaths(bytes, libraryReplacements(host, target.endian))
  withMachineName(bytes, target.uname, host)?.copy(bytes) // where it cannot be told, readUnnamed finds it
}

/** Where the lists of character sets are that the C library reads if there is no cache of them. */
const CHARACTER_SETS = 'gconv/gconv-modules.cache'

async function arrange(tree: string, {host}: Adaptation): Promise<void> {
  const libraries = join(tree, 'usr/lib', host.triple)
  const loader = basename(host.loader)
  if (!isThere(join(libraries, loader))) return
  await symlink(loader, join(libraries, basename(LOADER)))
  await makeLoaders(libraries, host)
  const cache = join(libraries, CHARACTER_SETS)
  if (!isThere(cache)) return
  const bytes = await readFile(cache)
  if (whyNot(() => replacePaths(bytes, [ownLibraries(host)])) === undefined) await writeFile(cache, bytes)
  else await rm(cache)
}

/**
 * The C library and its loader, which look for everything of the host's architecture in the session's private directory. If
 * one of them cannot be made so, there are no twins but those that need no library.
 */
export const C_LIBRARY: TwinKind = {
  name: 'libc',
  programs: {
    isFor: (path, {host}) => [C_LIBRARY_NAME, MATH_LIBRARY_NAME, basename(host.loader)].some(name => path === inLibraries(host, name)),
    adapt,
  },
  arrange,
}
