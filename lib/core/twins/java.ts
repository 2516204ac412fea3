import {ProgramImage} from '../elf/image.js'
import {setSearched} from '../elf/linking.js'
import {addLibrary} from '../elf/needed.js'
import {NotAsExpected} from '../elf/not-as-expected.js'
import {LIBRARY_DIRECTORY} from '../places.js'

/** A file of a Java development kit of Debian's: `/usr/lib/jvm/java-17-openjdk-amd64/bin/javac`. */
export interface JavaFile {
  /** `17`. */
  version: string
  /** What Debian calls the architecture that it is for. */
  architecture: string
  /** `bin/javac` */
  file: string
}

const FILE = /^\/usr\/lib\/jvm\/java-(\d+)-openjdk-([a-z0-9]+)\/(.+)$/

/** undefined where the path is no kit's. */
export function javaFile(path: string): JavaFile | undefined {
  const [, version, architecture, file] = FILE.exec(path) ?? []
  return version === undefined || architecture === undefined || file === undefined ? undefined : {version, architecture, file}
}

/** Where Debian has a kit: the `java.home` of its programs. */
export const javaHome = (version: string, architecture: string): string => `/usr/lib/jvm/java-${version}-openjdk-${architecture}`

/** Where the program of another architecture's kit lies that does the work of one of its tools; undefined where the path is no tool's. */
export function javaToolOf(path: string, architecture: string): string | undefined {
  const found = javaFile(path)
  return found?.file.startsWith('bin/') ? `${javaHome(found.version, architecture)}/${found.file}` : undefined
}

/**
 * Below the directory of libraries that a session shows: the kit's own ones, where it looks for the Java virtual machine, which looks
 * for all else around itself; and a shorter name of them, for which a launcher has room.
 */
export const kitDirectory = (version: string): string => `java-${version}-openjdk`
export const launchersDirectory = (version: string): string => `jvm-${version}`

/** Makes a launcher (`javac`, `jar`: all are the same program) find its libraries where a session shows them. Throws NotAsExpected. */
export function makeLauncherNative(bytes: Buffer, version: string): void {
  setSearched(bytes, `${LIBRARY_DIRECTORY}/${launchersDirectory(version)}`)
}

/** Architectures with a virtual machine that compiles; others have "Zero", which interprets. `hotspot_archs` in openjdk's debian/rules. */
const COMPILING = ['amd64', 'arm64', 'ppc64el', 'riscv64']

const SERVER = 'OpenJDK 64-Bit Server VM'
const ZERO = 'OpenJDK 64-Bit Zero VM'
const COMPILES = 'mixed mode, sharing'
const INTERPRETS = 'interpreted mode'

/** Makes a virtual machine (libjvm.so) say of itself what the target's does. Throws NotAsExpected. */
export function makeJvmNative(bytes: Buffer, architecture: string): void {
  if (COMPILING.includes(architecture)) return
  const image = new ProgramImage(bytes)
  replaceText(image, SERVER, ZERO)
  replaceText(image, COMPILES, INTERPRETS)
}

/** What the class library's native part needs, and whose end is the name of the library that it gets besides (shims/java). */
export const JAVA_HOOK_LIKE = 'libjvm.so'

/** The virtual machine's function that loads a program's own libraries (JNI), and the hook's in its place. */
const LOAD = '\0JVM_LoadLibrary\0'
const HOOKED = '\0XBJ_LoadLibrary\0'

/**
 * Makes the class library's native part (libjava.so) say the target's `os.arch`, and ask the hook for libraries. `host`: what Debian
 * calls its architecture. Throws NotAsExpected.
 */
export function makeClassLibraryNative(bytes: Buffer, host: string, architecture: string): void {
  const image = new ProgramImage(bytes)
  replaceText(image, osArch(host), osArch(architecture))
  const [name, ...others] = image.placesOf(Buffer.from(LOAD, 'latin1'))
  if (name === undefined || others.length > 0) throw new NotAsExpected('JVM_LoadLibrary is not imported once')
  image.setBytes(name, [...Buffer.from(HOOKED, 'latin1')])
  addLibrary(bytes, JAVA_HOOK_LIKE)
}

/** What Java calls an architecture where that is not Debian's name: openjdk's make/autoconf/platform.m4. */
const OS_ARCH: Readonly<Record<string, string>> = {arm64: 'aarch64', ppc64el: 'ppc64le'}
export const osArch = (architecture: string): string => OS_ARCH[architecture] ?? architecture

function replaceText(image: ProgramImage, from: string, to: string): void {
  if (image.replaceText(from, to) === 0) throw new NotAsExpected(`"${from}" is not where it could be made "${to}"`)
}
