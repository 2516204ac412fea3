import {copyFileSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {scratch, xbuild} from './rig.js'

const FILES = fileURLToPath(new URL('debugger', import.meta.url))

/** Profiles, and the suite of each; XBUILD_TEST_DEBUGGER names some. */
const SUITES: Record<string, string> = {mips64el: 'bookworm', arm64: 'trixie', s390x: 'bookworm', armhf: 'trixie'}
const PROFILES = process.env.XBUILD_TEST_DEBUGGER?.split(' ') ?? Object.keys(SUITES)

/** Makes an environment with a gdb that works, unless it is there. */
async function need(profile: string, suite: string): Promise<string> {
  const name = `debugger-${profile}-${suite}`
  if ((await xbuild(['info', name, '--json'])).exitCode === 0) return name
  const made = await xbuild(['create', profile, '--name', name, '--suite', suite])
  if (made.exitCode !== 0) throw new Error(made.stderr)
  const installed = await xbuild(['install', name, 'gdb'])
  if (installed.exitCode !== 0) throw new Error(installed.stderr)
  return name
}

/** Of a C library without unwind information gdb says this on MIPS, natively too: gdb/mips-tdep.c, heuristic_proc_start. */
const MIPS_UNWINDING =
  /warning: GDB can't find the start of the function at .*\n|\n {4}GDB is unable[\s\S]*?heuristic-fence-post' command\.\n/g

/** What differs between CPUs, and between a process that the kernel lets gdb trace and one that the emulator tells of. */
const normal = (text: string) =>
  text
    .replace(/0x[0-9a-f]+/g, 'ADDRESS')
    .replace(MIPS_UNWINDING, '')
    .replace(/\bThread (ADDRESS \(LWP \d+\)|\d+\.\d+)/g, 'Thread T')
    .replace(/\bprocess \d+/g, 'process P')
    .replace(/^(\* 1 +<null> ).* (\S+)/gm, '$1 $2') // natively it is connected to nothing any more
    .replaceAll('Hardware watchpoint', 'Watchpoint')
    // A program's threads are known when it stops, here.
    .replace(/^Thread \d+ "program" hit /gm, '')
    .replace(/^Thread \d+ "program" received/gm, 'Program received')
    // MIPS has its own numbers of signals; libraries are without debugging information, and stop somewhere in them.
    .replace(/on_signal \(number=\d+\)/g, 'on_signal (number=USR1)')
    .replace(/^ADDRESS in .* from \/lib.*$/gm, 'in a library')
    // Columns.
    .replace(/ {2,}/g, '  ')
    .split('\n')
    .filter(line => !/^\[(Thread|New|Switching)|^Using host libthread_db|uncaught target signal/.test(line))
    .join('\n')

const prepare = async (name: string, directory: string) => {
  copyFileSync(join(FILES, 'program.c'), join(directory, 'program.c'))
  copyFileSync(join(FILES, 'session.gdb'), join(directory, 'session.gdb'))
  writeFileSync(join(directory, 'input'), 'a line\n')
  const built = await inside(name, directory, ['gcc', '-g', '-O0', '-pthread', '-o', 'program', 'program.c'])
  if (built.exitCode !== 0) throw new Error(built.stderr)
}

const inside = (name: string, directory: string, argv: readonly string[], more: readonly string[] = []) =>
  xbuild(['run', ...more, name, '--', ...argv], {cwd: directory, timeout: 120_000})

/** A session of gdb's, by its steps. */
async function session(profile: string, suite: string, directory: string): Promise<string> {
  const name = await need(profile, suite)
  await prepare(name, directory)
  const {stdout, stderr} = await inside(name, directory, ['gdb', '-batch', '-x', 'session.gdb', './program'])
  return normal(`${stdout}${readFileSync(join(directory, 'output'), 'utf8')}\n${stderr}`)
}

for (const profile of PROFILES) {
  const suite = SUITES[profile] ?? 'bookworm'
  t.test(`gdb says of ${profile}'s programs what it says of the host's own, in ${suite}`, async t => {
    const [own, native] = [scratch(t), scratch(t)]
    const expected = await session('amd64', suite, native)
    const found = await session(profile, suite, own)
    t.equal(found.replaceAll(own, 'HERE'), expected.replaceAll(native, 'HERE'))
  })
}
