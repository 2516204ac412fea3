import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {execa} from 'execa'
import t from 'tap'
import {ERROR} from './data.js'
import {CLI, PROFILE, plainVariables, type Result, scratch, xbuild} from './rig.js'

const NAME = `activator-${process.pid}`

const activator = (verb: string, ...args: string[]) => xbuild(['activator', verb, '--env', NAME, ...args], {cwd: '/'})

async function activatorDoes(verb: string, ...args: string[]): Promise<Result> {
  const result = await activator(verb, ...args)
  if (result.exitCode !== 0) throw new Error(`activator ${verb} ${args.join(' ')}: ${result.stderr}`)
  return result
}

/** Tells what it was called with: a script, which the root's own shell runs. */
const TELL = `#!/bin/sh
echo "tell $#"
for argument; do echo "<$argument>"; done
`

/** A directory for every user, with the interpreter and a file whose magic is XBT! at offset 2. */
function place(t: Parameters<typeof scratch>[0]): string {
  const directory = scratch(t)
  chmodSync(directory, 0o755)
  writeFileSync(join(directory, 'tell'), TELL, {mode: 0o755})
  writeFileSync(join(directory, 'file'), '..XBT!\n', {mode: 0o755})
  return directory
}

const ADD = (name: string, interpreter: string) => [
  name,
  '--interpreter',
  interpreter,
  '--magic',
  'XBT!',
  '--size',
  '4',
  '--offset',
  '2',
  '--set-enabled',
]

const guest = (directory: string, script: string, args: readonly string[] = []) =>
  xbuild(['run', NAME, '--ephemeral', ...args, '--', 'sh', '-c', script], {cwd: directory})

t.before(async () => {
  const {exitCode, stderr} = await xbuild(['clone', PROFILE, NAME], {cwd: '/'})
  if (exitCode !== 0) throw new Error(stderr)
})

t.teardown(() => xbuild(['remove', NAME], {cwd: '/'}))

t.test("the environment's own entry is there from the start, in FreeBSD's layout", async t => {
  const {stdout} = await activatorDoes('list')
  t.match(
    stdout,
    /^name: xbuild-env\ninterpreter: \/usr\/bin\/qemu-mips64el-static -0 #a\nflags: ENABLED USE_MASK PRE_OPEN \nmagic size: 20\n/,
  )
  t.match(stdout, /^magic: 0x7f 0x45 0x4c 0x46 {2}0x02 0x01 0x01 0x00 /m)
})

t.test('a file is handed to an interpreter with arguments, in both modes and as any user', async t => {
  const directory = place(t)
  await activatorDoes('add', ...ADD('tell', `${directory}/tell one#a ##x`))
  t.teardown(() => activator('remove', 'tell'))
  const told = `tell 5\n<one./file>\n<#x>\n<./file>\n<a>\n<b c>\n`
  for (const mode of ['hybrid', 'emulated']) {
    const ran = await guest(directory, './file a "b c"', ['--mode', mode])
    t.equal(ran.stdout, told, ran.stderr)
  }
  const other = await guest(directory, './file a "b c"', ['--user', 'nobody', '--workdir', directory])
  t.equal(other.stdout, told, other.stderr)
})

t.test('argv[0] is what the caller said, and the file is still found', async t => {
  const directory = place(t)
  await activatorDoes('add', ...ADD('tell', `${directory}/tell #a`))
  t.teardown(() => activator('remove', 'tell'))
  const ran = await guest(directory, `perl -e 'exec {"./file"} "odd name", "x"'`)
  t.equal(ran.stdout, 'tell 3\n<odd name>\n<./file>\n<x>\n', ran.stderr)
})

t.test('what is added, disabled and removed counts in sessions that run', async t => {
  const directory = place(t)
  const session = execa(
    process.execPath,
    [CLI, 'run', NAME, '--', 'sh', '-c', `echo ready; while read line; do ./file "$line" 2>&1; echo "status $?"; done`],
    {
      cwd: directory,
      extendEnv: false,
      env: plainVariables(),
      reject: false,
    },
  )
  t.teardown(() => session.kill())
  let output = ''
  session.stdout.on('data', data => {
    output += data
  })
  const until = async (pattern: RegExp) => {
    for (let i = 0; i < 400 && !pattern.test(output); i++) await setTimeout(25)
    t.match(output, pattern)
    output = ''
  }
  /** The kernel's part of a change comes a moment after the command has ended. */
  const say = async (line: string, pattern: RegExp) => {
    await setTimeout(200)
    session.stdin.write(`${line}\n`)
    await until(pattern)
  }
  await until(/ready/)
  await say('1', /status (2|126|127)/)
  await activatorDoes('add', ...ADD('tell', `${directory}/tell first`))
  await say('2', /tell 3\n<first>\n<.\/file>\n<2>\nstatus 0/)
  await activatorDoes('add', ...ADD('newer', `${directory}/tell second`))
  await say('3', /<second>\n/)
  await activatorDoes('disable', 'newer')
  await say('4', /<first>\n/)
  await activatorDoes('enable', 'newer')
  await say('5', /<second>\n/)
  await activatorDoes('remove', 'newer')
  await activatorDoes('disable', 'tell')
  await say('6', /status (2|126|127)/)
  await activatorDoes('disable', 'xbuild-env')
  await say('7', /status (2|126|127)/)
  session.stdin.end()
  await session
  const without = await xbuild(['run', NAME, '--ephemeral', '--', 'true'], {cwd: '/'})
  t.match(without, {exitCode: 126, stderr: /ENOEXEC/}, 'no program of the target runs')
  await activatorDoes('enable', 'xbuild-env')
  t.equal((await xbuild(['run', NAME, '--ephemeral', '--', 'true'], {cwd: '/'})).exitCode, 0)
  await activatorDoes('remove', 'tell')
})

t.test('entries go with a clone, and stay apart from then on', async t => {
  const directory = place(t)
  await activatorDoes('add', ...ADD('tell', `${directory}/tell`))
  const copy = `${NAME}-copy`
  await xbuild(['clone', NAME, copy], {cwd: '/'})
  t.teardown(() => xbuild(['remove', copy], {cwd: '/'}))
  await activatorDoes('remove', 'tell')
  t.match(await xbuild(['run', copy, '--ephemeral', '--', './file'], {cwd: directory}), {exitCode: 0, stdout: /^tell 1\n/})
  t.not((await guest(directory, './file')).exitCode, 0)
})

t.test('they stay when packages come and routes are found anew', async t => {
  const directory = place(t)
  await activatorDoes('add', ...ADD('tell', `${directory}/tell`))
  t.teardown(() => activator('remove', 'tell'))
  const lasting = await xbuild(['run', NAME, '--', 'sh', '-c', 'touch /var/lib/dpkg/status && sleep 3 && ./file'], {cwd: directory})
  t.match(lasting, {exitCode: 0, stdout: /^tell 1\n/}, lasting.stderr)
})

t.test('an interpreter that cannot be executed is named, with the error', async t => {
  const directory = place(t)
  writeFileSync(join(directory, 'plain'), TELL, {mode: 0o644})
  writeFileSync(join(directory, 'foreign'), readFileSync(process.execPath).subarray(0, 64), {mode: 0o755})
  writeFileSync(join(directory, 'loop'), '..XBT!\n', {mode: 0o755})
  writeFileSync(join(directory, 'script-loop'), `#!${directory}/loop\n`, {mode: 0o755})
  const cases: [interpreter: string, error: RegExp][] = [
    ['missing', /No such file or directory \(ENOENT\)/],
    ['plain', /Permission denied \(EACCES\)/],
    ['foreign', /Exec format error \(ENOEXEC\)/],
    ['loop', /leads back to itself: .*\(ELOOP\)/],
    ['script-loop', /leads back to itself: .*\(ELOOP\)/],
  ]
  for (const [interpreter, error] of cases) {
    await activatorDoes('add', ...ADD('wrong', `${directory}/${interpreter} x`))
    const ran = await guest(directory, './file')
    t.equal(ran.exitCode, 126, interpreter)
    t.ok(ran.stderr.startsWith(`xbuild-env: cannot run ./file: entry wrong: interpreter ${directory}/${interpreter}: `), ran.stderr)
    t.match(ran.stderr, error, interpreter)
    await activatorDoes('remove', 'wrong')
  }
})

t.test('an argument that would be longer than execve takes is an error, not a crash', async t => {
  const directory = place(t)
  await activatorDoes('add', ...ADD('tell', `${directory}/tell ${'#a'.repeat(300)}`))
  t.teardown(() => activator('remove', 'tell'))
  const ran = await guest(directory, `perl -e 'exec {"./file"} "x" x 1000'`)
  t.match(ran, {exitCode: 126, stderr: /Argument list too long \(E2BIG\)/})
})

t.test('a trace tells of files that went to an entry', async t => {
  const directory = place(t)
  await activatorDoes('add', ...ADD('tell', `${directory}/tell`))
  t.teardown(() => activator('remove', 'tell'))
  const file = join(directory, 'x.trace')
  await guest(directory, './file', ['--trace', file])
  const {stdout} = await xbuild(['trace', '--json', file], {cwd: '/'})
  t.match(stdout, /"kind": "entry",\s*"entry": "tell"/)
})

t.test('the mips64 ELF of the talk: magic and mask of 20 bytes', async t => {
  const directory = place(t)
  const elf = Buffer.alloc(64)
  Buffer.from('7f454c4602020109000000000000000000020008', 'hex').copy(elf)
  writeFileSync(join(directory, 'mips64'), elf, {mode: 0o755})
  elf[5] = 1
  writeFileSync(join(directory, 'other'), elf, {mode: 0o755})
  const magic = '\\x7f\\x45\\x4c\\x46\\x02\\x02\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x08'
  const mask = '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff'
  const talk = ['--interpreter', `${directory}/tell`, '--magic', magic, '--mask', mask, '--size', '20', '--set-enabled']
  const added = await xbuild(['activator', '--add', 'mips64elf', '--env', NAME, ...talk], {cwd: '/'})
  t.equal(added.exitCode, 0, added.stderr)
  t.match(await guest(directory, './mips64 x'), {exitCode: 0, stdout: 'tell 2\n<./mips64>\n<x>\n'})
  t.not((await guest(directory, './other x')).exitCode, 0)
  const looked = await xbuild(['activator', '--lookup', 'mips64elf', '--env', NAME], {cwd: '/'})
  t.match(looked.stdout, /flags: ENABLED USE_MASK \nmagic size: 20\nmagic offset: 0\nmagic: 0x7f 0x45 0x4c 0x46 {2}0x02 0x02/)
  t.equal((await xbuild(['activator', '--delete', 'mips64elf', '--env', NAME], {cwd: '/'})).exitCode, 0)
})

t.test('files of other tools are imported, all or none', async t => {
  const directory = scratch(t)
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const script = file('script', `binmiscctl add one --interpreter /i --magic 'A\\x00' --size 2\nbinmiscctl enable one\n`)
  const jar = file('jar', 'package openjdk-17\ninterpreter /usr/bin/jexec\nmagic PK\\x03\\x04\n')
  const conf = file('some.conf', '# a comment\n:two:M::BC::/usr/bin/lli-14:F\n')
  const wrong = file('wrong.conf', ':three:M::BC::/i:\n:four:E::x::/i:\n')
  const refused = await activator('import', script, wrong)
  t.match(refused, {exitCode: 2, stderr: ERROR})
  t.notMatch((await activatorDoes('list')).stdout, /name: one/)
  const dry = await activatorDoes('import', '--dry-run', script, jar, conf)
  t.match(dry.stdout, /^add one in .*\nenable one in .*\nadd jar in .*\nadd two in .*\n$/)
  await activatorDoes('import', script, jar, conf)
  const entries = JSON.parse((await activatorDoes('list', '--json')).stdout)
  t.match(entries, [
    {name: 'two', opened: 'at-once'},
    {name: 'jar'},
    {name: 'one', state: 'enabled', magic: '4100', size: 2},
    {name: 'xbuild-env'},
  ])
  for (const name of ['one', 'jar', 'two']) await activatorDoes('remove', name)
})

t.test('what cannot be is refused with one error, and changes nothing', async t => {
  const before = (await activatorDoes('list')).stdout
  const refusals: [string[], RegExp][] = [
    [['add', 'x', '-i', '/i', '-m', 'ab', '-s', '3'], /magic has 2 bytes, --size says 3/],
    [['add', 'x', '-i', '/i', '-m', 'a\\n', '-s', '2'], /is not a byte/],
    [['add', 'x', '-i', '/i', '-m', 'ab', '-s', '2', '-o', '127'], /Linux allows magics in the first 128 bytes/],
    [['add', 'n'.repeat(32), '-i', '/i', '-m', 'ab', '-s', '2'], /FreeBSD allows names of at most 31 bytes/],
    [['add', 'x', '-i', 'i', '-m', 'ab', '-s', '2'], /not an absolute path/],
    [['add', 'x', '-m', 'ab', '-s', '2'], /--interpreter is missing/],
    [['add', 'xbuild-env', '-i', '/i', '-m', 'ab', '-s', '2'], /is the name of the entry that runs/],
    [['remove', 'xbuild-env'], /can be disabled, not removed/],
    [['enable', 'nothing'], /there is no entry "nothing"/],
    [['enable', 'xbuild-en'], /did you mean xbuild-env\?/],
    [['import', '/nonexistent'], /cannot be read/],
    [['add', 'x', '-i', '/i', '-m', 'ab', '-s', '2', '--persist'], /--persist goes with --system/],
  ]
  for (const [[verb = '', ...args], message] of refusals) {
    const result = await activator(verb, ...args)
    t.match(result.stderr, ERROR, args.join(' '))
    t.match(result.stderr, message)
    t.ok([2, 125].includes(result.exitCode), `${args.join(' ')}: ${result.exitCode}`)
  }
  t.equal((await activatorDoes('list')).stdout, before)
})

t.test('two changes at the same time are both made', async t => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  await Promise.all(names.map(name => activatorDoes('add', name, '-i', '/i', '-m', name, '-s', '1')))
  const entries: {name: string}[] = JSON.parse((await activatorDoes('list', '--json')).stdout)
  t.same(
    entries
      .map(({name}) => name)
      .filter(name => names.includes(name))
      .sort(),
    names,
  )
  for (const name of names) await activatorDoes('remove', name)
})
