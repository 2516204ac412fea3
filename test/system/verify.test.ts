import {spawn} from 'node:child_process'
import {chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import t, {type Test} from 'tap'
import type {VerifyResult} from '../../lib/core/compare/verdict.js'
import {ERROR, processesIn} from './data.js'
import {EXECUTED} from './outside.js'
import {CLI, DATA, PROFILE, plainVariables, type Result, scratch, xbuild} from './rig.js'

const FIXTURES = fileURLToPath(new URL('verify/', import.meta.url))

/** A project, and a directory for temporary files of its own, in which nothing may be left. */
function project(t: Test): {directory: string; temporary: string} {
  const work = scratch(t)
  const [directory, temporary] = [join(work, 'project'), join(work, 'temporary')]
  mkdirSync(directory)
  mkdirSync(temporary)
  return {directory, temporary}
}

const verify = (where: {directory: string; temporary: string}, args: readonly string[]): Promise<Result> =>
  xbuild(['verify', PROFILE, ...args], {cwd: where.directory, variables: {TMPDIR: where.temporary}})

const parse = ({stdout, stderr}: Result): VerifyResult => {
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as VerifyResult
}

/** Each file with its class, and the places where it differs. */
const told = (result: VerifyResult) =>
  Object.fromEntries(result.files.map(file => [file.path, [file.class, ...file.differences.map(({place, cause}) => `${place}: ${cause}`)]]))

/** All names below a directory, with size and time. */
const listing = (directory: string) =>
  readdirSync(directory, {recursive: true, encoding: 'utf8'})
    .sort()
    .map(name => [name, statSync(join(directory, name)).size, statSync(join(directory, name)).mtimeMs])

t.test("a project is the same in both modes, but for the compiler's revision string", async t => {
  const where = project(t)
  for (const name of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, name), join(where.directory, name))
  chmodSync(join(where.directory, 'configure'), 0o755)
  const before = listing(where.directory)
  const verified = await verify(where, ['--json'])
  t.equal(verified.exitCode, 0, verified.stderr + verified.stdout)
  t.match(verified.stderr, 'building with "./configure && make", since there is a configure')
  const result = parse(verified)
  t.equal(result.verdict, 'explained')
  t.same(result.leaks, [])
  t.same(
    result.runs.map(({name, exitCode}) => [name, exitCode]),
    [
      ['hybrid', 0],
      ['hybrid-2', 0],
      ['emulated', 0],
    ],
  )
  const linked = ['explained', 'section .comment: compiler-revision', 'section .note.gnu.build-id: build-id']
  t.same(told(result), {
    'archive.tar.gz': [
      'explained',
      ...linked.slice(1).map(text => `gzip: hello: ${text}`),
      'gzip: libadd.a: lib.o: section .comment: compiler-revision',
    ],
    'config.log': ['explained', 'log: run-log'],
    hello: linked,
    'lib.o': ['explained', 'section .comment: compiler-revision'],
    'libadd.a': ['explained', 'lib.o: section .comment: compiler-revision'],
    'libadd.so': linked,
    sums: ['explained', 'line 1: checksum'],
  })
  t.same(result.counts, {identical: 2, explained: 7, 'not-reproducible': 0, different: 0}, 'answer and config.h are identical')
  t.same(listing(where.directory), before, "the user's tree is as it was")
  t.same(readdirSync(where.temporary), [])
})

const FACT = `${EXECUTED}; sleep 5 & sleep 2; executed $! > mode`

t.test('what shows the mode is found, what differs each time is told apart, and a library of the twin set is a leak', async t => {
  const where = project(t)
  writeFileSync(join(where.directory, 'there'), 'x86_64-linux-gnu\n')
  const build = `${FACT}; date +%N > stamp; cp /dev/xbuild/lib/libc.so.6 stolen; cp there copied; mktemp odd.XXXXXXXX; mkdir d; echo same > d/same; ln -s $(cat mode) link`
  const verified = await verify(where, ['--build', build, '--json', '--keep', join(where.temporary, 'kept')])
  t.equal(verified.exitCode, 1, verified.stderr)
  const result = parse(verified)
  t.equal(result.verdict, 'different')
  const files = told(result)
  t.same(files.mode, ['different', 'line 1: none'])
  t.same(files.link, ['different', 'target: none'])
  t.same(files.stamp, ['not-reproducible', 'line 1: not-reproducible'])
  t.match(
    result.files.find(({path}) => path === 'mode'),
    {differences: [{detail: /^"\/usr\/bin\/sleep" and ".*qemu.*"$/}]},
  )
  t.match(
    result.leaks.map(({path, what}) => [path, what]),
    [['stolen', 'an ELF file of the twin set']],
  )
  t.same(
    ['d/same', 'copied', 'there'].filter(name => name in files),
    [],
  )
  t.same(readdirSync(where.temporary), ['kept'])
  t.equal(readFileSync(join(where.temporary, 'kept/emulated/d/same'), 'utf8'), 'same\n')
  t.match(readFileSync(join(where.temporary, 'kept/hybrid.log'), 'utf8'), /^odd\.\w{8}\n$/)
  t.same(readdirSync(where.directory), ['there'])
})

const hasDiffoscope = existsSync('/usr/bin/diffoscope')

t.test('diffoscope explains what differs', {skip: hasDiffoscope ? false : 'diffoscope is not installed'}, async t => {
  const {stdout} = await verify(project(t), ['--build', FACT, '--json', '--runs', '1'])
  const {files} = JSON.parse(stdout) as VerifyResult
  const said = files.find(({path}) => path === 'mode')?.diffoscope ?? ''
  t.match(said, /^--- \/tmp\/hybrid\/mode\n\+\+\+ \/tmp\/emulated\/mode$/m)
  t.match(said, /^\+.*qemu/m)
})

t.test('a text of the host that only the hybrid build writes is a leak; people get all of it told', async t => {
  const where = project(t)
  const verified = await verify(where, [
    '--build',
    `${FACT}; case $(cat mode) in *qemu*) ;; *) echo /usr/lib/gcc-cross/x > found;; esac; rm mode`,
  ])
  t.equal(verified.exitCode, 1)
  t.match(verified.stdout, /^different: found\n {2}presence: only the hybrid build has it$/m)
  t.match(
    verified.stdout,
    /^leak: found: gcc-cross \(the cross compiler's own directories\)\n {2}at offset 0x9: "\/usr\/lib\/gcc-cross\/x"$/m,
  )
  t.match(verified.stdout, /hybrid and emulated are not the same: 1 file without a stated cause and 1 leak\n$/)
  t.same(readdirSync(where.temporary), [])
})

t.test('a build that fails in one mode only is a difference', async t => {
  const where = project(t)
  const verified = await verify(where, ['--build', `${FACT}; echo seen >&2; ! grep qemu mode`, '--runs', '1'])
  t.equal(verified.exitCode, 1)
  t.match(verified.stderr, /^emulated: ended with 1 .*\n {2}seen\n {2}\/\S*qemu\S*$/m)
  t.match(verified.stdout, 'the builds ended with 0 (hybrid) and 1 (emulated)')
  t.match(verified.stdout, 'one hybrid build alone does not show what differs by itself')
  t.match(verified.stdout, 'what the builds print differs between the modes')
})

t.test('files of other users, and such as nobody may read, are compared and removed as well', async t => {
  const where = project(t)
  const build =
    'mkdir -m 700 p; echo x > p/same; chmod 0 p/same; date +%N > p/each; chmod 600 p/each; chown -R 65534:7 p; : > s; chmod u+s s'
  const verified = await verify(where, ['--build', build, '--json'])
  t.equal(verified.exitCode, 0, verified.stderr)
  const result = parse(verified)
  t.same(told(result), {'p/each': ['not-reproducible', 'line 1: not-reproducible']})
  t.equal(result.counts.identical, 2)
  t.same(readdirSync(where.temporary), [])
})

t.test('where there is nothing to compare, that is said, and is no success', async t => {
  const where = project(t)
  const failed = await verify(where, ['--build', 'echo no rule; exit 3'])
  t.equal(failed.exitCode, 1)
  t.match(failed.stderr, /^hybrid: ended with 3 .*\n {2}no rule$/m)
  t.match(failed.stderr, /fails in both modes: it ended with 3 \(hybrid\), 3 \(emulated\)\n {2}give another command/)
  const late = 'sleep 6; test $(($(date +%s) - SOURCE_DATE_EPOCH)) -lt 11' // from the second build on
  const unsteady = await verify(where, ['--build', late])
  t.equal(unsteady.exitCode, 1)
  t.match(unsteady.stderr, /is not deterministic: it ended with 0 \(hybrid\), 1 \(hybrid-2\), 1 \(emulated\)\n {2}give a command/)
  const idle = await verify(where, ['--build', 'true'])
  t.equal(idle.exitCode, 1)
  t.match(idle.stderr, /"true" made no file: there is nothing to compare\n {2}is everything built already\?/)
  t.same(readdirSync(where.temporary), [])
})

t.test('what cannot be verified is refused before anything is built', async t => {
  const where = project(t)
  writeFileSync(join(where.directory, 'file'), '')
  const refused = async (args: readonly string[], exitCode: number, message: RegExp | string, variables: Record<string, string> = {}) => {
    const result = await xbuild(['verify', ...args], {cwd: where.directory, variables: {TMPDIR: where.temporary, ...variables}})
    t.equal(result.exitCode, exitCode, result.stderr)
    t.match(result.stderr, message)
    t.match(result.stderr.replace(/^building with .*\n/, ''), ERROR)
  }
  await refused([PROFILE], 2, /nothing in .* tells how it is built\n {2}say it: --build/)
  await refused([PROFILE, '--build', 'true', '--runs', '0'], 2, '--runs 0: not a number from 1 to 9')
  await refused([PROFILE, 'no/such', '--build', 'true'], 125, /no\/such does not exist/)
  await refused([PROFILE, 'file', '--build', 'true'], 125, /file is not a directory/)
  await refused([PROFILE, '/', '--build', 'true'], 125, '/ is a directory of the system')
  await refused([PROFILE, '/usr/share', '--build', 'true'], 125, '/usr/share is a directory of the system')
  await refused([PROFILE, DATA, '--build', 'true'], 125, 'holds the environments themselves')
  await refused(['no-such', '--build', 'true'], 125, 'there is no environment "no-such"')
  await refused([PROFILE, '--build', 'true'], 125, /the copies of .* would lie in it/, {TMPDIR: where.directory})
  await refused([PROFILE, '--build', 'true', '--keep', 'kept'], 125, /the copies of .* would lie in it/)
  await refused([PROFILE, '--build', 'true', '--keep', '/no/such/kept'], 125, /the directory above is not there/)
  writeFileSync(join(where.temporary, 'file'), '')
  await refused([PROFILE, '--build', 'true', '--keep', where.temporary], 125, 'there is something in it already')
  t.same(readdirSync(where.directory), ['file'])
})

for (const [signal, exitCode, group] of [
  ['SIGINT', 130, true],
  ['SIGTERM', 143, false],
] as const) {
  t.test(`${signal} ends it: nothing is left`, async t => {
    const where = project(t)
    const marker = join(where.directory, 'marker')
    const child = spawn(process.execPath, [CLI, 'verify', PROFILE, '--build', `: ${marker}; : > started; sleep 100`], {
      cwd: where.directory,
      env: plainVariables({TMPDIR: where.temporary}),
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    let stderr = ''
    child.stderr.on('data', text => {
      stderr += text
    })
    const ended = new Promise(resolve => child.on('close', resolve))
    const copies = () => readdirSync(where.temporary).map(name => join(where.temporary, name))
    while (child.exitCode === null && !copies().some(copy => existsSync(join(copy, 'hybrid/started')))) await pause(50)
    process.kill(group ? -(child.pid as number) : (child.pid as number), signal)
    t.equal(await ended, exitCode)
    t.match(stderr, new RegExp(`xbuild-env: interrupted \\(${signal}\\)\n {2}nothing is left\n$`))
    t.same(readdirSync(where.temporary), [])
    t.same(readdirSync(where.directory), [])
    t.same(await processesIn(marker), [])
  })
}
