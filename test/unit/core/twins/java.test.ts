import {execFileSync} from 'node:child_process'
import {copyFileSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {readLinking} from '../../../../lib/core/elf/linking.js'
import {hostArchitecture} from '../../../../lib/core/hosts/hosts.js'
import {javaFile, javaToolOf, makeClassLibraryNative, makeJvmNative, makeLauncherNative, osArch} from '../../../../lib/core/twins/java.js'

const JVM = '/usr/lib/jvm'

t.test('a kit lies in a directory that is named by its version and architecture', async t => {
  t.same(javaFile(`${JVM}/java-17-openjdk-mips64el/lib/server/libjvm.so`), {
    version: '17',
    architecture: 'mips64el',
    file: 'lib/server/libjvm.so',
  })
  for (const path of [`${JVM}/default-java/bin/javac`, `${JVM}/java-17-openjdk-mips64el`, '/usr/bin/javac'])
    t.equal(javaFile(path), undefined, path)
})

t.test('the twin of a tool lies in the kit of the host’s architecture, and a library has none', async t => {
  t.equal(javaToolOf(`${JVM}/java-21-openjdk-arm64/bin/javac`, 'amd64'), `${JVM}/java-21-openjdk-amd64/bin/javac`)
  for (const path of [`${JVM}/java-21-openjdk-arm64/lib/libjava.so`, '/usr/bin/jar']) t.equal(javaToolOf(path, 'amd64'), undefined, path)
})

t.test('Java has names of its own for some architectures', async t => {
  t.same(['amd64', 'arm64', 'mips64el', 'ppc64el'].map(osArch), ['amd64', 'aarch64', 'mips64el', 'ppc64le'])
})

/** Compiles C into a file of a directory, and returns its bytes. */
function compile(directory: string, name: string, source: string, ...flags: string[]): Buffer {
  writeFileSync(join(directory, `${name}.c`), source)
  execFileSync('cc', ['-O1', '-o', name, `${name}.c`, ...flags], {cwd: directory})
  return readFileSync(join(directory, name))
}

const SHARED = ['-shared', '-fPIC']

t.test('a launcher looks for its libraries in the directory that a session shows of its version', async t => {
  const directory = t.testdir()
  const launcher = (...paths: string[]) =>
    compile(directory, 'launcher', 'int main(void) { return 0; }', ...paths.map(path => `-Wl,-rpath,${path}`))
  const bytes = launcher('$ORIGIN', '$ORIGIN/../lib')
  makeLauncherNative(bytes, '17')
  t.same(readLinking(bytes)?.searched, ['/dev/xbuild/lib/jvm-17'])
  t.throws(() => makeLauncherNative(launcher('$ORIGIN'), '17'), /no room/)
  t.throws(() => makeLauncherNative(launcher(), '17'), /not one list/)
})

/** The first text lies where the data begins: its address stands in the file's headers, too. */
const FIRST = 'const char *first(void) { return "first"; }'
const SAYS = `${FIRST}
  const char *name(void) { return "OpenJDK 64-Bit Server VM"; }
  const char *how(void) { return "mixed mode, sharing"; }
  const char *other(void) { return "mixed mode"; }`
const ASKS = `#include <stdio.h>
  const char *name(void), *how(void), *other(void);
  int main(void) { return printf("%s|%s|%s", name(), how(), other()) < 0; }`

t.test('a virtual machine says of itself what the target’s does', async t => {
  const directory = t.testdir()
  compile(directory, 'libjvm.so', SAYS, ...SHARED)
  const original = readFileSync(join(directory, 'libjvm.so'))
  compile(directory, 'asks', ASKS, '-L.', '-ljvm', '-Wl,-rpath,$ORIGIN')
  const says = (architecture: string) => {
    const bytes = Buffer.from(original)
    makeJvmNative(bytes, architecture)
    writeFileSync(join(directory, 'libjvm.so'), bytes)
    return execFileSync(join(directory, 'asks'), {encoding: 'utf8'})
  }
  t.equal(says('arm64'), 'OpenJDK 64-Bit Server VM|mixed mode, sharing|mixed mode')
  t.equal(says('mips64el'), 'OpenJDK 64-Bit Zero VM|interpreted mode|mixed mode')
  t.throws(() => makeJvmNative(compile(directory, 'other.so', 'int x;', ...SHARED), 'mips64el'), /"OpenJDK 64-Bit Server VM" is not where/)
})

/** A class library of which each call of the virtual machine tells which function it came to. */
function classLibrary(t: Test, host: string): {directory: string; bytes: Buffer} {
  const directory = t.testdir()
  compile(directory, 'libjvm.so', 'const char *JVM_LoadLibrary(void) { return "JVM"; }', ...SHARED)
  compile(directory, 'hook', 'const char *XBJ_LoadLibrary(void) { return "hook"; }', ...SHARED)
  copyFileSync(join(directory, 'hook'), join(directory, 'jvm.so'))
  const source = `${FIRST} const char *JVM_LoadLibrary(void); const char *load(void) { return JVM_LoadLibrary(); }
    const char *arch(void) { return "${host}"; }`
  const bytes = compile(directory, 'libjava.so', source, ...SHARED, '-L.', '-ljvm', '-Wl,-rpath,$ORIGIN')
  const asks = `#include <stdio.h>
    const char *load(void), *arch(void); int main(void) { return printf("%s %s", load(), arch()) < 0; }`
  compile(directory, 'asks', asks, '-L.', '-ljava', '-ljvm', '-Wl,-rpath,$ORIGIN')
  return {directory, bytes}
}

t.test('the class library says the target’s architecture, and asks the hook for libraries', async t => {
  const host = hostArchitecture().debian
  const {directory, bytes} = classLibrary(t, osArch(host))
  const asked = () => execFileSync(join(directory, 'asks'), {encoding: 'utf8'})
  t.equal(asked(), `JVM ${osArch(host)}`)
  makeClassLibraryNative(bytes, host, 'mips64el')
  writeFileSync(join(directory, 'libjava.so'), bytes)
  t.equal(asked(), 'hook mips64el')
  t.throws(() => makeClassLibraryNative(bytes, host, 'mips64el'), Error, 'it is no longer what this was written for')
})
