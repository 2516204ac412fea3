import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {NO_OWN_BINFMT, withOwnBinfmt} from './own-binfmt.js'
import {PROFILE, scratch, xbuild} from './rig.js'

/** The recipes of docs/activator.md, as they stand there. */
const DOCUMENT = readFileSync(new URL('../../docs/activator.md', import.meta.url), 'utf8')

/** The command of a recipe, without sudo. */
function recipe(name: string): string {
  const line = DOCUMENT.split('\n').find(one => one.startsWith(`sudo xbuild-env activator add --system ${name} `))
  if (!line) throw new Error(`docs/activator.md has no recipe ${name}`)
  return line.replace('sudo xbuild-env activator', 'activator')
}

const hasProgram = (name: string) => (process.env.PATH ?? '').split(delimiter).some(directory => existsSync(join(directory, name)))

const missing = (...programs: string[]) => {
  const absent = programs.find(name => !hasProgram(name))
  return absent !== undefined && `${absent} is not installed`
}

/** Without a header: that of another machine need not be there. */
const HELLO_C = `int printf(const char *, ...);
int main(int argc, char **argv) {
    for (int i = 0; i < argc; i++) printf("<%s>", argv[i]);
    printf("\\n");
    return argc;
}
`

const BITCODE = `--interpreter '/usr/bin/lli --fake-argv0=#a' --magic 'BC\\xc0\\xde' --size 4 --set-enabled`

t.test("the talk's LLVM bitcode runs on the host", {skip: NO_OWN_BINFMT || missing('lli', 'clang')}, async t => {
  const directory = scratch(t)
  writeFileSync(join(directory, 'hello.c'), HELLO_C)
  await execa('clang', ['-emit-llvm', '-c', 'hello.c', '-o', 'hello.bc'], {cwd: directory})
  const ran = await withOwnBinfmt(
    directory,
    `chmod +x hello.bc; activator add llvm_bc --system ${BITCODE} 2>/dev/null
     ./hello.bc a 'b c' || echo "status $?"`,
  )
  t.equal(ran.stdout, '<./hello.bc><a><b c>\nstatus 3\n', ran.stderr)
})

t.test('a jar runs', {skip: NO_OWN_BINFMT || missing('java', 'javac', 'jar')}, async t => {
  const directory = scratch(t)
  writeFileSync(
    join(directory, 'Hello.java'),
    'class Hello { public static void main(String[] a) { for (String one : a) System.out.print("<" + one + ">"); System.exit(a.length); } }',
  )
  const ran = await withOwnBinfmt(
    directory,
    `javac Hello.java && jar -c -f hello.jar -e Hello Hello.class && chmod +x hello.jar
     ${recipe('jar')} 2>/dev/null
     ./hello.jar a 'b c' || echo "status $?"`,
  )
  t.equal(ran.stdout, '<a><b c>status 2\n', ran.stderr)
})

/** A section of a WebAssembly module, shorter than 128 bytes: WebAssembly Core Specification, 5.5.2. */
const section = (id: number, ...parts: (number | string)[]) => {
  const bytes = parts.flatMap(part => (typeof part === 'number' ? [part] : [part.length, ...Buffer.from(part)]))
  return [id, bytes.length, ...bytes]
}

const WASI = 'wasi_snapshot_preview1'

/** Ends with the number of its arguments: proc_exit(args_sizes_get().count). */
const COUNTER = Buffer.from([
  ...Buffer.from('\0asm\x01\0\0\0'),
  ...section(1, 3, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 0, 0x60, 0, 0),
  ...section(2, 2, WASI, 'args_sizes_get', 0, 0, WASI, 'proc_exit', 0, 1),
  ...section(3, 1, 2),
  ...section(5, 1, 0, 1),
  ...section(7, 2, 'memory', 2, 0, '_start', 0, 2),
  ...section(10, 1, 16, 0, 0x41, 0, 0x41, 4, 0x10, 0, 0x1a, 0x41, 0, 0x28, 2, 0, 0x10, 1, 0x0b),
])

t.test("WebAssembly runs through Node's WASI", {skip: NO_OWN_BINFMT}, async t => {
  const directory = scratch(t)
  const [, script] = /```js\n(\/\/ \/usr\/local\/lib\/wasi\.mjs\n[^`]*)```/.exec(DOCUMENT) ?? []
  t.ok(script, 'docs/activator.md has it')
  writeFileSync(join(directory, 'wasi.mjs'), script ?? '')
  writeFileSync(join(directory, 'hello.wasm'), COUNTER, {mode: 0o755})
  const command = recipe('wasm').replace('/usr/bin/node', process.execPath).replace('/usr/local/lib', directory)
  const ran = await withOwnBinfmt(directory, `${command} 2>/dev/null; ./hello.wasm a 'b c' || echo "status $?"`)
  t.equal(ran.stdout, 'status 3\n', ran.stderr)
})

t.test("the talk's LLVM bitcode runs in an environment", {skip: missing('clang')}, async t => {
  const name = `recipes-${process.pid}`
  const directory = scratch(t)
  writeFileSync(join(directory, 'hello.c'), HELLO_C)
  await execa('clang', ['-target', 'mips64el-linux-gnuabi64', '-emit-llvm', '-c', 'hello.c', '-o', 'hello.bc'], {
    cwd: directory,
  })
  await execa('chmod', ['+x', join(directory, 'hello.bc')])
  await xbuild(['clone', PROFILE, name], {cwd: '/'})
  t.teardown(() => xbuild(['remove', name], {cwd: '/'}))
  const installed = await xbuild(['install', name, 'llvm-14-runtime', 'llvm-runtime'], {cwd: '/'})
  t.equal(installed.exitCode, 0, installed.stderr)
  const added = await xbuild([
    'activator',
    'add',
    'llvm_bc',
    '--env',
    name,
    '-i',
    '/usr/bin/lli --fake-argv0=#a',
    '-m',
    'BC\\xc0\\xde',
    '-s',
    '4',
    '-e',
  ])
  t.equal(added.exitCode, 0, added.stderr)
  for (const mode of ['hybrid', 'emulated']) {
    const ran = await xbuild(['run', name, '--ephemeral', '--mode', mode, '--', './hello.bc', 'a', 'b c'], {cwd: directory})
    t.match(ran, {exitCode: 3, stdout: '<./hello.bc><a><b c>\n'}, ran.stderr)
  }
})
