import {copyFileSync, readFileSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
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

/** What gdb prints, with a script of commands, or with those of a few `-ex`. */
async function gdb(profile: string, directory: string, argv: readonly string[]): Promise<string> {
  const name = await need(profile, SUITES[profile] ?? 'bookworm')
  const {stdout, stderr} = await inside(name, directory, ['timeout', '60', 'gdb', '-q', '-nx', '-batch', ...argv])
  return `${stdout}${stderr}`
}

async function compiled(profile: string, directory: string, program: string): Promise<void> {
  copyFileSync(join(FILES, `${program}.c`), join(directory, `${program}.c`))
  const name = await need(profile, SUITES[profile] ?? 'bookworm')
  const built = await inside(name, directory, ['gcc', '-g', '-O0', '-pthread', '-o', program, `${program}.c`])
  if (built.exitCode !== 0) throw new Error(built.stderr)
}

const executing = (commands: readonly string[]) => commands.flatMap(command => ['-ex', command])

for (const profile of PROFILES) {
  t.test(`of threads that reach a breakpoint at once, gdb hears of all: ${profile}`, async t => {
    const directory = scratch(t)
    await compiled(profile, directory, 'threads')
    copyFileSync(join(FILES, 'threads.gdb'), join(directory, 'threads.gdb'))
    for (let i = 0; i < 5; i++) {
      const said = await gdb(profile, directory, ['-x', 'threads.gdb', './threads'])
      t.match(said, /^20 passed$/m)
      t.match(said, /^20 seen$/m)
    }
  })
}

const FIRST = PROFILES[0] as string

t.test('what cannot be run is told as natively, and gdb goes on', async t => {
  const directory = scratch(t)
  await compiled(FIRST, directory, 'odd')
  writeFileSync(join(directory, 'script'), '#!/bin/sh\n', {mode: 0o755})
  copyFileSync('/bin/true', join(directory, 'hosts'))
  const nothing = await gdb(FIRST, directory, executing(['run']))
  t.match(nothing, /No executable file specified/)
  for (const program of ['./missing', './script'])
    t.match(await gdb(FIRST, directory, [...executing(['run']), '--args', program]), /No executable file specified/)
  t.match(await gdb(FIRST, directory, [...executing(['run']), './hosts']), /hosts is a program of the machine that this session is on/)
})

t.test('a program that gdb cannot follow is heard of again when it ends', async t => {
  const directory = scratch(t)
  await compiled(FIRST, directory, 'odd')
  const status = executing(['run', 'print $_exitcode'])
  const closed = await gdb(FIRST, directory, [...status, '--args', './odd', 'close'])
  for (const part of [/has closed descriptors/, /^\$1 = 3$/m]) t.match(closed, part)
  const executed = await gdb(FIRST, directory, [...status, '--args', './odd', 'execute'])
  for (const part of [/executes another program/, /^executed$/m, /^\$1 = 0$/m]) t.match(executed, part)
  const steps = executing(['break main', 'run', 'detach', 'shell sleep 1'])
  const detached = await gdb(FIRST, directory, [...steps, '--args', './odd', 'execute'])
  for (const part of [/detached\]$/m, /^executed$/m]) t.match(detached, part)
})

t.test('with gdb go the programs that it runs, and what it has made', async t => {
  const directory = scratch(t)
  await compiled(FIRST, directory, 'odd')
  const script = `gdb -q -nx -batch -ex run --args ./odd loop >said & while ! grep -q loops said; do sleep 0.1; done
kill -9 $!; while pgrep -x odd; do sleep 0.1; done; ls -d /tmp/gdb-*; echo left alone`
  const {stdout} = await inside(await need(FIRST, SUITES[FIRST] ?? 'bookworm'), directory, ['timeout', '60', 'sh', '-c', script])
  t.match(stdout, /left alone/)
  t.notMatch(stdout, /tmp.gdb-/)
})

/** Connects, says something, and waits for the other side to close. */
const visit = (port: number, said: string) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(said))
    socket.on('error', error => ('code' in error && error.code === 'ECONNREFUSED' ? reject(error) : resolve()))
    socket.on('close', () => resolve())
    socket.resume()
    if (said.startsWith('$')) setTimeout(() => socket.end(), 500)
  })

t.test('at a port, what is no gdb is not taken for one, and what gdb does not send does no harm', async t => {
  const directory = scratch(t)
  await compiled(FIRST, directory, 'odd')
  const name = await need(FIRST, SUITES[FIRST] ?? 'bookworm')
  const port = 20_000 + (process.pid % 10_000)
  const served = xbuild(['debug', name, '--gdb-port', String(port), '--', './odd', 'loop'], {cwd: directory, timeout: 60_000})
  for (let tries = 0; tries < 100; tries++) {
    const refused = await visit(port, 'GET / HTTP/1.0\r\n\r\n').catch(() => 'refused')
    if (refused === undefined) break
    await pause(200)
  }
  const taken = await xbuild(['debug', name, '--gdb-port', String(port), '--', './odd'], {cwd: directory})
  t.match(taken.stderr, new RegExp(`port ${port} of 127.0.0.1: Address already in use`))
  await visit(port, '$vFile:pread:q#11$vAttach;zz#11$Hgzz#00$vCont;c:pzz.zz#11$mzz,zz#11$Z0#11$?#3f')
  const {exitCode, stderr} = await served
  t.equal(exitCode, 137, 'the program was killed when its debugger went')
  t.notMatch(stderr, /Traceback/)
})

/** A gdb of a session goes to a port when somebody listens there; what it says. */
async function comes(directory: string, port: number, commands: readonly string[]): Promise<string> {
  const target = `target remote 127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries++) {
    const said = await gdb(FIRST, directory, executing([target, ...commands]))
    if (!said.includes('could not connect')) return said
  }
  throw new Error(`nobody listens at ${port}`)
}

t.test('a gdb that comes to the port debugs the program, and may leave it running', async t => {
  const directory = scratch(t)
  await compiled(FIRST, directory, 'odd')
  const name = await need(FIRST, SUITES[FIRST] ?? 'bookworm')
  const port = 30_000 + (process.pid % 10_000)
  for (const commands of [['continue'], ['detach']]) {
    const served = xbuild(['debug', name, '--gdb-port', String(port), '--', './odd'], {cwd: directory, timeout: 60_000})
    t.match(await comes(directory, port, ['break main', 'continue', ...commands]), /Breakpoint 1, main/)
    t.match(await served, {exitCode: 0, stdout: 'done\n'})
  }
})

t.test('what is no core of the environment’s programs is not shown to gdb', async t => {
  const directory = scratch(t)
  const name = await need(FIRST, SUITES[FIRST] ?? 'bookworm')
  const core = Buffer.alloc(64)
  core.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  core.writeUInt16LE(4, 16)
  core.writeUInt16LE(62, 18) // the host's
  writeFileSync(join(directory, 'core'), core)
  writeFileSync(join(directory, 'text'), 'text')
  const show = (file: string) => xbuild(['debug', name, '--core', file, '--', './odd'], {cwd: directory})
  t.match(await show('core'), {exitCode: 2, stderr: /core of another CPU's program/})
  t.match(await show('text'), {exitCode: 2, stderr: /that is not a core/})
})
