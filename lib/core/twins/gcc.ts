import type {ProgramImage} from '../elf/image.js'
import {NotAsExpected} from '../elf/not-as-expected.js'
import {LIBRARY_DIRECTORY} from '../places.js'

const LOCAL_HEADERS = '/usr/local/include'

/** Where the twins' binutils look for plugins of their own accord: bfd/plugin.c, build_plugin_list. */
const PLUGINS = {from: '/usr/bin/../lib/bfd-plugins', to: `${LIBRARY_DIRECTORY}/bfd-plugins`}

/** Lets binutils' library look for plugins where a session has them. */
export function replacePluginDirectory(bytes: Buffer): void {
  const at = findString(bytes, PLUGINS.from)
  if (at === -1) throw new NotAsExpected(`it does not name ${PLUGINS.from}`)
  replaceString(bytes, at, PLUGINS)
}

/** What is left of a cross compiler's own directories, in texts that have nothing else before: /usr/lib/gcc-cross/… */
export function ownDirectories(bytes: Buffer): void {
  for (const base of ['/usr/lib/', '/usr/libexec/']) {
    const cross = Buffer.from(`\0${base}gcc-cross/`)
    for (let at = bytes.indexOf(cross); at !== -1; at = bytes.indexOf(cross, at + 1)) {
      const from = bytes.toString('latin1', at + 1, bytes.indexOf(0, at + 1))
      replaceString(bytes, at + 1, {from, to: from.replace('/gcc-cross/', '/gcc/')})
    }
  }
}

/**
 * gcc/gcc.cc, process_command: the name of a file `specs` that the user may have put beside the compiler is put together in
 * place: 16 bytes from the program's constants, the other four as a number in its code. Where that looks otherwise, nothing
 * is changed, and the driver is no twin.
 */
export function ownSpecs(image: ProgramImage): void {
  const cross = '/usr/lib/gcc-cross/'
  const [constant, number] = [cross.slice(0, 16), Buffer.from(`${cross.slice(16)}\0`)]
  const at = image.bytes.indexOf(constant)
  const isAlone = at !== -1 && image.bytes.indexOf(constant, at + 1) === -1 && image.bytes[at + 16] !== number[0]
  const [place, another] = image.numbers(number.readUInt32LE())
  if (!isAlone || place === undefined || another !== undefined) return
  image.bytes.write('/usr/lib/gcc'.padEnd(16, '/'), at, 'latin1')
  image.setBytes(place, [...Buffer.from('///\0')])
}

/** Within how many bytes before them the bounds of the arrays of one source lie. */
const ONE_SOURCE = 256

/**
 * gcc/ada/sdefault.adb, which gnatmake writes: the directories of Ada's own sources and libraries, each an array that knows
 * its bounds, two numbers of 4 bytes, which the compiler puts before all arrays of a source. Where that looks otherwise,
 * nothing is changed, and the program is no twin.
 */
export function makeAdaNative(image: ProgramImage, triple: string, version: string): void {
  for (const base of ['/usr/lib', '/usr/libexec']) {
    const directory = (compilers: string) => `${base}/${compilers}/${triple}/${version}/`
    for (const part of ADA_DIRECTORIES) shortenArray(image, directory('gcc-cross') + part, directory('gcc') + part)
  }
}

/** Below a compiler's own, which is one of them. */
const ADA_DIRECTORIES = ['adainclude/', 'adalib/', '']

function shortenArray(image: ProgramImage, from: string, to: string): void {
  const allBounds = image.placesOf(boundsOf(from))
  for (const address of image.placesOf(Buffer.from(from))) {
    const [bounds, other] = allBounds.filter(at => address - ONE_SOURCE <= at && at < address)
    const isLonger = ADA_DIRECTORIES.some(part => part !== '' && image.startsWith(address + from.length, part))
    if (isLonger || bounds === undefined || other !== undefined) continue
    if (image.uses(bounds) === 0 || image.uses(bounds) !== image.uses(address)) continue
    image.setBytes(address, [...Buffer.from(to.padEnd(from.length, '\0'))])
    image.setBytes(bounds, [...boundsOf(to)])
  }
}

/** 1 and the last index. */
function boundsOf(text: string): Buffer {
  const bounds = Buffer.alloc(8)
  bounds.writeUInt32LE(1)
  bounds.writeUInt32LE(text.length, 4)
  return bounds
}

/**
 * gcc/gcc.cc: a driver that is no cross compiler's searches the directories beside its own for start files and libraries,
 * and those of LIBRARY_PATH; it takes no directory for the root of the target unless it is told. `static_specs` holds
 * for each spec its name, its value and the variable; behind `cross_compile` lie `spec_machine` and `target_system_root`.
 */
export function makeDriverNative(image: ProgramImage): void {
  const [entry] = image.textAddresses('cross_compile').flatMap(address => image.pointers(address))
  if (entry === undefined) throw new NotAsExpected('the compiler driver has no spec cross_compile')
  const variable = image.pointerAt(entry + 16)
  const systemRoot = variable + 16
  if (image.textAt(image.pointerAt(variable)) !== '1' || image.textAt(image.pointerAt(systemRoot)) !== '/') {
    throw new NotAsExpected('the compiler driver is not the one that this was written for')
  }
  image.setPointer(variable, image.addText('0'))
  image.setPointer(systemRoot, 0)
}

/** Within how many bytes a compiler puts two arguments of one call. */
const ONE_CALL = 32

/**
 * gcc/collect2.cc: a cross compiler's looks for `TRIPLE-ld`, made by concat(target_machine, "-", "ld"), and the target's
 * own for `ld`: a build may have one of its own in PATH. Both parts become empty.
 */
export function makeCollectNative(image: ProgramImage, triple: string): void {
  const dashes = image.textAddresses('-').flatMap(address => image.arguments(address, 'second'))
  let found = 0
  for (const text of image.textAddresses(triple)) {
    for (const place of image.arguments(text, 'first')) {
      const dash = dashes.find(at => Math.abs(at - place) <= ONE_CALL)
      if (dash === undefined) continue
      const empty = text + triple.length
      image.setArgument(place, empty)
      image.setArgument(dash, empty)
      found++
    }
  }
  if (found === 0) throw new NotAsExpected('collect2 is not the one that this was written for')
}

/** gcc/cppdefault.h, struct default_include: name, component, then cplusplus, cxx_aware, add_sysroot, multilib. */
const COMPONENT = 8
const FLAGS = 16
/** gcc/cppdefault.cc, of LOCAL_INCLUDE_DIR: its headers know C++, and lie below --sysroot. */
const LOCAL_FLAGS = [0, 1, 1, 0]

/** /usr/local/include stands where fixed headers did, which C++ takes for C, and which belong to the compiler. */
export function makeLocalHeadersPlain(image: ProgramImage): void {
  const entries = image
    .textAddresses(LOCAL_HEADERS)
    .flatMap(address => image.pointers(address))
    .filter(entry => image.pointerAt(entry + COMPONENT) !== 0)
  if (entries.length === 0) throw new NotAsExpected(`${LOCAL_HEADERS} is not in the compiler's table`)
  for (const entry of entries) {
    image.setPointer(entry + COMPONENT, 0)
    image.setBytes(entry + FLAGS, LOCAL_FLAGS)
  }
}

/** A directory that the compiler has built in, and the one that the target's own compiler has in its place. */
export interface SearchPath {
  from: string
  to: string
}

/** Of each group, the first that the compiler has: gcc 12 and gcc 14 differ in where they would find libc++. */
export function searchPaths(triple: string, version: string): SearchPath[][] {
  const cross = `/usr/lib/gcc-cross/${triple}/${version}/../../../..`
  const own = `/usr/lib/gcc/${triple}/${version}/../../../..`
  return [
    [{from: `${cross}/${triple}/include/c++/${version}`, to: `${own}/include/c++/${version}`}],
    [{from: `${cross}/${triple}/include/c++/${version}/${triple}`, to: `${own}/include/${triple}/c++/${version}`}],
    [{from: `${cross}/${triple}/include/c++/${version}/backward`, to: `${own}/include/c++/${version}/backward`}],
    [
      {from: `${cross}/${triple}/libc++_include/c++/${version}/v1`, to: `${own}/libc++_include/c++/${version}/v1`},
      {from: `${cross}/${triple}/include/c++/v1`, to: `${own}/include/c++/v1`},
    ],
    [{from: `${cross}/${triple}/include`, to: `${own}/${triple}/include`}],
  ]
}

/**
 * gcc/cppdefault.cc: the table of directories (cpp_include_defaults) names each once, and of the compiler's own
 * `include` there is a second copy elsewhere (cpp_GCC_INCLUDE_DIR), which -iprefix is compared with: ownDirectories.
 */
export function replaceSearchPaths(bytes: Buffer, triple: string, version: string): void {
  for (const group of searchPaths(triple, version)) {
    const known = group.find(({from}) => findString(bytes, from) !== -1)
    if (!known) throw new NotAsExpected(`${group[0]?.from} is not in the compiler`)
    replaceString(bytes, findString(bytes, known.from), known)
  }
  const cross = `/usr/lib/gcc-cross/${triple}/${version}`
  const fixed = findString(bytes, `${cross}/include-fixed`)
  const own = findString(bytes, `${cross}/include`, fixed)
  if (fixed === -1 || own === -1) throw new NotAsExpected(`${cross}/include is not in the compiler's table`)
  replaceString(bytes, own, {from: `${cross}/include`, to: `/usr/lib/gcc/${triple}/${version}/include`})
  // Debian has no fixed headers, and a cross compiler no /usr/local/include: its place is this one.
  replaceString(bytes, fixed, {from: `${cross}/include-fixed`, to: LOCAL_HEADERS})
}

/** Where a string that ends in NUL, and starts behind one, lies last; before a place, if one is given. -1: nowhere. */
function findString(bytes: Buffer, text: string, before = bytes.length): number {
  const at = before === -1 ? -1 : bytes.lastIndexOf(Buffer.from(`\0${text}\0`), before - text.length - 2)
  return at === -1 ? -1 : at + 1
}

function replaceString(bytes: Buffer, at: number, {from, to}: SearchPath): void {
  if (to.length > from.length) throw new NotAsExpected(`${to} is longer than ${from}`)
  bytes.fill(0, at, at + from.length)
  bytes.write(to, at, 'latin1')
}
