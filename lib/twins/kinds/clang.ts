import {lstatSync} from 'node:fs'
import {copyFile, readdir, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {ProgramImage} from '../../core/elf/image.js'
import {hasPlugin, isClangLibrary, isLlvmLibrary, makeClangNative, makeLlvmNative} from '../../core/twins/clang.js'
import {isThere, makeDirectory} from '../../host/files.js'
import type {Adaptation, TwinKind} from './kind.js'

function adapt(bytes: Buffer, path: string, {host, target}: Adaptation): void {
  const image = new ProgramImage(bytes)
  if (isLlvmLibrary(path)) makeLlvmNative(image, host, target.architecture)
  else makeClangNative(image, host, target.architecture)
}

/** The plugin by which binutils reads LLVM's bytecode, by the names that its package has. */
const PLUGIN = 'LLVMgold'

/**
 * Puts what lies in clang's own directory where a session shows it: libraries, to which a link leads there, and the plugin, if the target has
 * it, among those that the twins' binutils look for of their own accord, as its package does with a link in /usr/lib/bfd-plugins.
 */
async function share(tree: string, {host, target}: Adaptation): Promise<void> {
  const libraries = join(tree, 'usr/lib')
  const shown = join(libraries, host.triple)
  for (const directory of await readdir(libraries)) {
    const version = /^llvm-(\d+)$/.exec(directory)?.[1]
    const own = join(libraries, directory, 'lib')
    if (version === undefined || !isThere(own)) continue
    for (const name of (await readdir(own)).filter(isClangLibrary)) {
      if (lstatSync(join(own, name)).isFile()) await rename(join(own, name), join(shown, name)) // over the link
    }
    const plugin = join(own, `${PLUGIN}.so`)
    if (!isThere(plugin) || !hasPlugin(target.architecture)) continue
    await makeDirectory(join(shown, 'bfd-plugins'))
    await copyFile(plugin, join(shown, 'bfd-plugins', `${PLUGIN}-${version}.so`))
  }
}

/**
 * clang, lld and the tools of LLVM: one program for all targets, whose default target becomes the root's. Their libraries have that;
 * programs find all else from where they lie, which is where the root's own lie.
 */
export const CLANG: TwinKind = {
  name: 'clang',
  programs: {isFor: path => isLlvmLibrary(path) || isClangLibrary(path), adapt},
  arrange: share,
  // Headers, static libraries, and what is linked with the sanitizers' programs.
  leftOut: ['/usr/lib/llvm-*/lib/*.a', '/usr/lib/llvm-*/lib/clang', '/usr/lib/llvm-*/include', '/usr/include/c++', '/usr/lib/gcc/*/*/*.a'],
}
