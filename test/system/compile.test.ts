import {copyFileSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {PROFILE, scratch, xbuild} from './rig.js'
import {releaseOf} from './source.js'

const FIXTURES = fileURLToPath(new URL('compile/', import.meta.url))

const inMode = (mode: 'hybrid' | 'emulated', cwd: string, script: string) =>
  xbuild(['run', PROFILE, '--ephemeral', '--mode', mode, '--', 'sh', '-c', script], {cwd})

/** The files of a directory, by name. */
const filesOf = (directory: string) => new Map(readdirSync(directory).map(name => [name, readFileSync(join(directory, name))]))

t.test('C, C++, LTO and archives come out the same in both modes, but for the revision string of a skewed twin', async t => {
  const work = scratch(t)
  for (const name of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, name), join(work, name))
  for (const mode of ['hybrid', 'emulated'] as const) {
    const built = await inMode(mode, work, `sh ./build.sh ${mode}`)
    t.equal(built.exitCode, 0, built.stderr)
    t.equal(built.stdout, '1 1.000000\ncaught map::at\n1 1.000000\n')
  }
  const [hybrid, emulated] = [filesOf(join(work, 'hybrid')), filesOf(join(work, 'emulated'))]
  t.same([...hybrid.keys()], [...emulated.keys()])
  t.ok(hybrid.size >= 12, `${hybrid.size} files`)
  for (const [name, bytes] of hybrid) t.ok(bytes.equals(emulated.get(name) as Buffer), `${name} is the same`)
})

t.test('GNU ed is configured, built and passes its tests', async t => {
  const tree = await releaseOf(PROFILE, 'ed', scratch(t))
  const built = await xbuild(['run', PROFILE, '--ephemeral', '--', 'sh', '-c', './configure && make -j2 && make check'], {
    cwd: tree,
  })
  t.equal(built.exitCode, 0, `${built.stdout.slice(-2000)}${built.stderr.slice(-2000)}`)
  t.match(built.stdout, /tests completed successfully/)
})

t.test('a program that reads memory across its boundaries works, since a kernel for MIPS sees to it', async t => {
  const work = scratch(t)
  const program = `int main(void) {
    static char bytes[32] __attribute__((aligned(16))) = "abcdefghijklmnop";
    char *volatile odd = bytes + 1;
    return *(volatile long *)odd != 0x6968676665646362;
  }`
  writeFileSync(join(work, 'odd.c'), program)
  const ran = await inMode('hybrid', work, 'gcc -o odd odd.c && ./odd')
  t.equal(ran.exitCode, 0, ran.stderr)
})

t.test('a program runs under the name that it was called by, in both modes', async t => {
  const work = scratch(t)
  const run = (mode: 'hybrid' | 'emulated') =>
    inMode(
      mode,
      work,
      'printf "#include <stdio.h>\\nint main(int c, char **v) { return puts(v[0]) < 0 || c != 1; }\\n" > a.c && gcc -static -o a a.c && ./a && (exec -a other ./a) 2>/dev/null; bash -c "exec -a other ./a"',
    )
  const [hybrid, emulated] = [await run('hybrid'), await run('emulated')]
  t.match(hybrid.stdout, /^\.\/a\n.*other\n$/s)
  t.equal(hybrid.stdout, emulated.stdout)
})
