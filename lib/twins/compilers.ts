import {copyFile, readFile, readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {isThere} from '../host/files.js'

/** The directories of Debian's cross compilers: /usr/lib up to gcc 12, programs in /usr/libexec since 13. */
const CROSS_DIRECTORIES = ['usr/lib/gcc-cross', 'usr/libexec/gcc-cross']

/** The compilers proper that search for headers. */
const PREPROCESSING = /^cc1(plus|obj|objplus)?$/

const LTO_PLUGIN = 'liblto_plugin.so'

/**
 * Makes the cross compilers look where the target's own compiler looks, at the same paths in the same order, and puts
 * the linker's plugin where every user of a session can read it.
 */
export async function adaptCompilers(tree: string, libraries: string, triple: string): Promise<void> {
  for (const directory of CROSS_DIRECTORIES) {
    const versions = join(tree, directory, triple)
    if (!isThere(versions)) continue
    for (const version of await readdir(versions)) {
      for (const name of await readdir(join(versions, version))) {
        const path = join(versions, version, name)
        if (name === LTO_PLUGIN) await copyFile(path, join(libraries, LTO_PLUGIN))
        if (!PREPROCESSING.test(name)) continue
        const bytes = await readFile(path)
        replaceSearchPaths(bytes, triple, version)
        await writeFile(path, bytes)
      }
    }
  }
}

/** A directory that the compiler has built in, and the one that the target's own compiler has in its place. */
export function searchPaths(triple: string, version: string): {from: string; to: string}[] {
  const cross = `/usr/lib/gcc-cross/${triple}/${version}`
  const own = `/usr/lib/gcc/${triple}/${version}`
  const up = '../../../..'
  return [
    {from: `${cross}/${up}/${triple}/include/c++/${version}`, to: `${own}/${up}/include/c++/${version}`},
    {from: `${cross}/${up}/${triple}/include/c++/${version}/${triple}`, to: `${own}/${up}/include/${triple}/c++/${version}`},
    {from: `${cross}/${up}/${triple}/include/c++/${version}/backward`, to: `${own}/${up}/include/c++/${version}/backward`},
    {from: `${cross}/${up}/${triple}/libc++_include/c++/${version}/v1`, to: `${own}/${up}/libc++_include/c++/${version}/v1`},
    {from: `${cross}/include`, to: `${own}/include`},
    // Debian has no fixed headers, and a cross compiler no /usr/local/include: its place is this one.
    {from: `${cross}/include-fixed`, to: '/usr/local/include'},
    {from: `${cross}/${up}/${triple}/include`, to: `${own}/${up}/${triple}/include`},
  ]
}

/**
 * gcc/cppdefault.cc: the table of directories (cpp_include_defaults) names each once. Of the compiler's own `include`
 * there is a second copy before it (cpp_GCC_INCLUDE_DIR), which the driver's -iprefix is applied to: that one stays, and
 * so fits none of the table's any more.
 */
export function replaceSearchPaths(bytes: Buffer, triple: string, version: string): void {
  for (const {from, to} of searchPaths(triple, version)) {
    if (to.length > from.length) throw new Error(`${to} is longer than ${from}`)
    const at = bytes.lastIndexOf(Buffer.from(`\0${from}\0`))
    if (at === -1) throw new Error(`${from} is not in the compiler`)
    bytes.fill(0, at + 1, at + 1 + from.length)
    bytes.write(to, at + 1, 'latin1')
  }
}
