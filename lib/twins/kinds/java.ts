import {copyFile, readdir, rename, symlink} from 'node:fs/promises'
import {join} from 'node:path'
import {libraryLike} from '../../core/elf/needed.js'
import {
  JAVA_HOOK_LIKE,
  javaFile,
  kitDirectory,
  launchersDirectory,
  makeClassLibraryNative,
  makeJvmNative,
  makeLauncherNative,
} from '../../core/twins/java.js'
import {isThere, makeDirectory} from '../../host/files.js'
import {shim} from '../../host/shims.js'
import type {Adaptation, TwinKind} from './kind.js'

const JVM = 'lib/server/libjvm.so'
const CLASS_LIBRARY = 'lib/libjava.so'
const isLauncher = (file: string) => /^bin\/[^/]+$/.test(file)

function isFor(path: string, {host}: Adaptation): boolean {
  const found = javaFile(path)
  return found?.architecture === host.debian && (isLauncher(found.file) || found.file === JVM || found.file === CLASS_LIBRARY)
}

function adapt(bytes: Buffer, path: string, {host, target}: Adaptation): void {
  const {file = '', version = ''} = javaFile(path) ?? {}
  if (file === JVM) makeJvmNative(bytes, target.architecture)
  else if (file === CLASS_LIBRARY) makeClassLibraryNative(bytes, host.debian, target.architecture)
  else makeLauncherNative(bytes, version)
}

/** Puts the libraries of each kit, and what they look for around themselves, among those that a session shows. */
async function arrange(tree: string, {host}: Adaptation): Promise<void> {
  const libraries = join(tree, 'usr/lib', host.triple)
  const kits = await readdir(join(tree, 'usr/lib/jvm')).catch(() => [])
  for (const name of kits) {
    const kit = join(tree, 'usr/lib/jvm', name)
    const {version, architecture} = javaFile(`/usr/lib/jvm/${name}/lib`) ?? {}
    if (version === undefined || architecture !== host.debian || !isThere(join(kit, CLASS_LIBRARY))) continue
    const shown = join(libraries, kitDirectory(version))
    await makeDirectory(shown)
    await rename(join(kit, 'lib'), join(shown, 'lib'))
    // In its place is a link to one of /etc, which says no more.
    await copyFile(join(shown, 'lib/jvm.cfg-default'), join(shown, 'lib/jvm.cfg.own'))
    await rename(join(shown, 'lib/jvm.cfg.own'), join(shown, 'lib/jvm.cfg'))
    await symlink(join(kitDirectory(version), 'lib'), join(libraries, launchersDirectory(version)))
    await copyFile(shim('xbuild-java.so'), join(shown, 'lib', libraryLike(JAVA_HOOK_LIKE)))
  }
}

/**
 * Java's tools: javac, jar, javadoc and others, whose work is the class library's, and so the same on every machine. Each is a
 * launcher of a virtual machine, which is shown `java.home` of the root (profiles/twins/java.json) and reads there what it compiles
 * against; its own class library has the system's numbers in it, and is the host's.
 */
export const JAVA: TwinKind = {
  name: 'java',
  programs: {isFor, adapt},
  arrange,
  // What is read by `java.home` is the root's; an archive of classes for more than 32 GB is not used.
  leftOut: [
    ...['conf', 'docs', 'include', 'jmods', 'legal', 'man', 'release'].map(name => `/usr/lib/jvm/java-*-openjdk-*/${name}`),
    ...['classlist', 'ct.sym', 'server/classes_nocoops.jsa'].map(name => `/usr/lib/jvm/java-*-openjdk-*/lib/${name}`),
  ],
}
