import {mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {ASK, outside} from './outside.js'
import {DATA, guest, PROFILE, scratch, xbuild} from './rig.js'

const MODES = ['hybrid', 'emulated']
/** Whose code an emulated process executes. */
const EMULATOR = 'line /usr/bin/qemu-mips64el-static'

/** A command of the environment, without a shell in between. */
const direct = (command: readonly string[], args: readonly string[] = [], options: Parameters<typeof xbuild>[1] = {}) =>
  xbuild(['run', PROFILE, '--ephemeral', ...args, '--', ...command], options)

t.test("the exit code is the command's own, or says by which signal it ended", async t => {
  for (const mode of MODES) {
    t.equal((await guest('exit 0', ['--mode', mode])).exitCode, 0)
    t.equal((await guest('exit 7', ['--mode', mode])).exitCode, 7)
    t.equal((await guest('exit 255', ['--mode', mode])).exitCode, 255)
    t.equal((await guest('kill -TERM $$', ['--mode', mode])).exitCode, 143)
    t.equal((await guest('kill -KILL $$', ['--mode', mode])).exitCode, 137)
  }
})

t.test('126: it is there, and no program', async t => {
  const directory = scratch(t)
  writeFileSync(join(directory, 'text'), 'neither ELF nor #!\n', {mode: 0o755})
  for (const [command, why] of [
    ['/etc/passwd', /may not be executed/],
    ['/usr', /may not be executed/],
    ['./text', /ENOEXEC\n {2}it is not a program/],
  ] as const) {
    const result = await direct([command], [], {cwd: directory})
    t.equal(result.exitCode, 126, command)
    t.match(result.stderr, why)
  }
})

t.test('arguments arrive byte for byte', async t => {
  const script = (mode: string) => `
    long=$(head -c 100000 /dev/zero | tr '\\0' x)
    xb run ${PROFILE} --ephemeral --mode ${mode} -- /usr/bin/printf '%s\\0' \
      'a b' $'two\\nlines' '' $'\\xff\\xfe' $'\\xc3' 'ü' -- --env -n '"' "'" '\\' '$HOME' $'\\t' $'\\xef\\xbf\\xbd' "$long"`
  const long = Buffer.alloc(100_000, 'x')
  const expected = [
    'a b',
    'two\nlines',
    '',
    Buffer.from([0xff, 0xfe]),
    Buffer.from([0xc3]),
    'ü',
    '--',
    '--env',
    '-n',
    '"',
    "'",
    '\\',
    '$HOME',
    '\t',
    '\uFFFD',
    long,
  ]
  for (const mode of MODES) {
    const result = await outside(script(mode))
    t.equal(result.exitCode, 0, result.stderr.toString())
    t.ok(
      result.stdout.equals(Buffer.concat(expected.flatMap(part => [Buffer.from(part), Buffer.alloc(1)]))),
      `${mode}: ${result.stdout.subarray(0, 80)}`,
    )
  }
})

t.test("argv[0] may be another than the program's path", async t => {
  for (const mode of MODES) {
    t.equal((await direct(['bash', '-c', `exec -a 'an other' /usr/bin/dash -c 'echo "$0"'`], ['--mode', mode])).stdout, 'an other\n')
    t.equal((await direct(['bash', '-c', `exec -a '' /usr/bin/dash -c 'echo "<$0>"'`], ['--mode', mode])).stdout, '<>\n')
    t.equal(
      (await direct(['bash', '-c', `exec -a -sh /usr/bin/bash -c 'shopt login_shell'`], ['--mode', mode])).stdout,
      'login_shell    \ton\n',
    )
  }
})

t.test('variables arrive byte for byte', async t => {
  const result = await outside(`
    export PASSED=$'\\xfe passed' GONE=gone
    xb run ${PROFILE} --ephemeral --env BYTES=$'\\xff=\\xfe' --env EMPTY= --env LINES=$'one\\ntwo\\n' --env 'WITH SPACE=1' --env PASSED --env UNSET \
      --env 'FOO()=x' --env EQUALS==a=b -- env -0`)
  t.equal(result.exitCode, 0, result.stderr.toString())
  const variables = result.stdout.toString('latin1').split('\0')
  for (const expected of [
    'BYTES=\xff=\xfe',
    'EMPTY=',
    'LINES=one\ntwo\n',
    'WITH SPACE=1',
    'PASSED=\xfe passed',
    'FOO()=x',
    'EQUALS==a=b',
    `XBUILD_ENV=${PROFILE}`,
  ]) {
    t.ok(variables.includes(expected), JSON.stringify(expected))
  }
  t.notOk(variables.some(variable => /^(GONE|UNSET)=/.test(variable)))
})

t.test("the caller's own variables do not get in, but for those that a build may know", async t => {
  const variables = {
    TAP_X: '1',
    _TAPJS_X: '1',
    LD_LIBRARY_PATH: '/x',
    NODE_NO_WARNINGS: '1',
    CC: 'false',
    LC_ALL: 'C',
    http_proxy: 'http://p:1',
    SOURCE_DATE_EPOCH: '1',
  }
  const result = await direct(['env', '-0'], [], {variables})
  const seen = result.stdout.split('\0').map(variable => variable.replace(/=.*/s, ''))
  for (const name of Object.keys(variables)) t.equal(seen.includes(name), ['http_proxy', 'SOURCE_DATE_EPOCH'].includes(name), name)
  const preloaded = await outside(`LD_PRELOAD=/no/such.so xb run ${PROFILE} --ephemeral -- env`)
  t.notMatch(preloaded.stdout.toString(), /LD_PRELOAD/)
})

t.test('binary input and output stay as they are', async t => {
  const directory = scratch(t)
  const result = await outside(
    `head -c 1000000 /dev/urandom > in; xb run ${PROFILE} --ephemeral -- cat < in > out; xb run ${PROFILE} --ephemeral --mode emulated -- cat < in | cmp - in && cmp in out`,
    {cwd: directory},
  )
  t.equal(result.exitCode, 0, result.stderr.toString())
  t.equal(statSync(join(directory, 'out')).size, 1_000_000)
})

t.test('output that finds no space is told in words, and is a failure', async t => {
  const result = await outside('xb profiles >/dev/full; echo "$?"', {timeout: 20_000})
  t.equal(result.stdout.toString(), '125\n')
  t.match(result.stderr.toString(), /^xbuild-env: what was to be printed is lost: .*no space left.*\n {2}free some space .*\n$/)
})

t.test('a reader that ends early ends the command', async t => {
  const result = await outside(`xb run ${PROFILE} --ephemeral -- yes | head -c 10; echo "\${PIPESTATUS[0]}"`, {timeout: 20_000})
  t.equal(result.stdout.toString(), 'y\ny\ny\ny\ny\n141\n')
})

t.test('the current directory is the working directory, at its own path, whatever it is called', async t => {
  const directory = join(scratch(t), 'a b:c,d"e\'f\\g\nhä日=;$(x)')
  mkdirSync(directory)
  writeFileSync(join(directory, 'there'), 'there')
  for (const mode of MODES) {
    const result = await guest('pwd; cat there; echo made > made-$0; stat -c %u .', ['--mode', mode], {cwd: directory})
    t.equal(result.stdout, `${directory}\nthere0\n`, result.stderr)
  }
  t.equal(readFileSync(join(directory, 'made-sh'), 'utf8'), 'made\n')
  t.equal(statSync(join(directory, 'made-sh')).uid, process.getuid?.())
  t.equal(statSync(join(directory, 'made-sh')).gid, process.getgid?.())
})

t.test('a directory of the system is not the project', async t => {
  const result = await guest('pwd; test -e /etc/debian_version', [], {cwd: '/etc'})
  t.equal(result.stdout, '/root\n')
  t.match(result.stderr, '/etc is a directory of the system')
})

t.test('a read-only bind can be read and not written', async t => {
  const directory = scratch(t)
  const source = join(directory, 'with:colon')
  mkdirSync(source)
  writeFileSync(join(source, 'file'), 'content\n')
  const escaped = source.replace(':', '\\:')
  const result = await guest('cat /srv/in/deep/file; touch /srv/in/deep/new; echo x > /srv/in/deep/file; echo y > /srv/out/new', [
    '--bind',
    `${escaped}:/srv/in/deep:ro`,
    '--bind',
    `${escaped}:/srv/out`,
    '--workdir',
    '/',
  ])
  t.equal(result.stdout, 'content\n')
  t.match(result.stderr, /touch.*Read-only file system[\s\S]*Read-only file system/)
  t.equal(readFileSync(join(source, 'new'), 'utf8'), 'y\n')
  const missing = await guest('true', ['--bind', '/no/such:/srv'])
  t.equal(missing.exitCode, 2)
  t.match(missing.stderr, '/no/such does not exist')
  const file = await guest('cat /srv/deep/down/file', ['--bind', `${escaped}/file:/srv/deep/down/file`])
  t.equal(file.stdout, 'content\n', file.stderr)
})

t.test('--workdir', async t => {
  t.equal((await direct(['pwd'], ['--workdir', '/usr/share'])).stdout, '/usr/share\n')
  const missing = await direct(['pwd'], ['--workdir', '/no/such'])
  t.equal(missing.exitCode, 125)
  t.match(missing.stderr, /\/no\/such is not a directory of the environment \(ENOENT\)\n {2}name one that is there/)
})

t.test('another user has its own ids, and twins', async t => {
  const script = `${ASK} id -u; id -G; echo "$HOME $USER"; ask sed -u p; ask cat`
  const result = await direct(['bash', '-c', script], ['--user', 'nobody', '--workdir', '/'])
  t.equal(result.stdout, '65534\n65534\n/nonexistent nobody\nline /usr/bin/sed\nline /usr/bin/cat\n', result.stderr)
  const emulated = await direct(['bash', '-c', script], ['--user', 'nobody', '--workdir', '/', '--mode', 'emulated'])
  t.match(emulated.stdout, /^65534\n65534\n.*\nline \S*qemu\S*\nline \S*qemu\S*\n$/, emulated.stderr)
  const unknown = await direct(['true'], ['--user', 'no-such-user'])
  t.equal(unknown.exitCode, 125)
  t.match(unknown.stderr, 'the environment has no user "no-such-user"')
})

t.test('--no-network leaves loopback', async t => {
  const result = await direct(['bash', '-c', 'sed -n "s/: .*//p" /proc/net/dev | tr -d " "; : < /dev/tcp/127.0.0.1/1'], ['--no-network'])
  t.equal(result.stdout, 'lo\n')
  t.match(result.stderr, /Connection refused/)
})

t.test('--no-network leaves the names of this machine, unless the environment has a list of its own', async t => {
  const name = 'run-names'
  await xbuild(['create', PROFILE, '--name', name], {cwd: '/'})
  t.teardown(() => xbuild(['remove', name]))
  const run = async (script: string, ...options: string[]) =>
    (await xbuild(['run', name, ...options, '--', 'sh', '-c', script], {cwd: '/'})).stdout
  const address = `perl -e 'print join(".", unpack("C4", scalar gethostbyname(shift))), "\\n"'`
  const ask = `${address} localhost; ${address} $(hostname); hostname -f`
  const answers = '127.0.0.1\n127.0.1.1\nrun-names\n'
  t.equal(await run(ask, '--no-network', '--ephemeral'), answers)
  t.equal(await run('cat /etc/hosts'), readFileSync('/etc/hosts', 'utf8'))
  const again = await run(ask, '--no-network', '--user', 'nobody', '--workdir', '/')
  t.equal(again, answers, 'also where the other kind has left an empty file')
  writeFileSync(join(DATA, 'environments', name, 'upper/etc/hosts'), '127.0.0.9 mine\n')
  t.equal(await run('cat /etc/hosts', '--no-network'), '127.0.0.9 mine\n')
})

t.test('an ephemeral session forgets, a lasting one remembers', async t => {
  const name = 'run-lasting'
  t.equal((await xbuild(['create', PROFILE, '--name', name])).exitCode, 0)
  t.teardown(() => xbuild(['remove', name]))
  const run = (script: string, ...args: string[]) => xbuild(['run', name, ...args, '--', 'sh', '-c', script])
  await run('echo kept > /root/lasting; rm /etc/motd')
  await run('echo lost > /root/ephemeral; rm /root/lasting', '--ephemeral')
  t.equal((await run('cd /root; echo *; test -e /etc/motd || echo none')).stdout, 'lasting\nnone\n')
})

t.test('a link to a file that nothing has made yet is no obstacle', async t => {
  const name = 'run-resolver'
  t.equal((await xbuild(['create', PROFILE, '--name', name])).exitCode, 0)
  t.teardown(() => xbuild(['remove', name]))
  const link = 'umount /etc/resolv.conf; rm /etc/resolv.conf; ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf'
  await xbuild(['run', name, '--', 'sh', '-c', link])
  const result = await xbuild(['run', name, '--', 'cat', '/etc/resolv.conf'])
  t.equal(result.stdout, readFileSync('/etc/resolv.conf', 'utf8'), result.stderr)
})

t.test('an ephemeral session beside a lasting one is refused, ephemeral ones go side by side', async t => {
  const name = 'run-twice'
  t.equal((await xbuild(['create', PROFILE, '--name', name])).exitCode, 0)
  t.teardown(() => xbuild(['remove', name]))
  const directory = scratch(t)
  const meet = (mine: string, other: string) => ['sh', '-c', `touch ${mine}; until test -e ${other}; do sleep 0.05; done; echo ${mine}`]
  const first = xbuild(['run', name, '--', ...meet('one', 'two')], {cwd: directory, timeout: 20_000})
  await outside('until test -e one; do sleep 0.05; done', {cwd: directory, timeout: 10_000})
  const stateOf = async () => JSON.parse((await xbuild(['list', '--json'])).stdout).find((row: {name: string}) => row.name === name).state
  t.equal(await stateOf(), 'in use')
  const second = await xbuild(['run', name, '--ephemeral', '--', 'true'])
  t.equal(second.exitCode, 125)
  t.match(second.stderr, new RegExp(`environment "${name}" is in use by another session: [0-9a-f]{8} .*\\n  .*wait for it to end`))
  writeFileSync(join(directory, 'two'), '')
  t.equal((await first).stdout, 'one\n')
  t.equal(await stateOf(), 'idle')
  const ephemeral = (mine: string, other: string) =>
    xbuild(['run', name, '--ephemeral', '--', ...meet(mine, other)], {cwd: directory, timeout: 20_000})
  const both = await Promise.all([ephemeral('three', 'four'), ephemeral('four', 'three')])
  t.same(
    both.map(result => [result.exitCode, result.stdout]),
    [
      [0, 'three\n'],
      [0, 'four\n'],
    ],
  )
})

t.test('programs are found and started as on a machine of their own', async t => {
  const directory = scratch(t)
  mkdirSync(join(directory, 'sub'))
  symlinkSync('/usr/bin/sed', join(directory, 'link'))
  writeFileSync(join(directory, 'script'), '#!/usr/bin/printf <%s>\n', {mode: 0o755})
  writeFileSync(join(directory, 'nested'), '#!./script one argument\n', {mode: 0o755})
  const script = `
    cd sub
    echo line | ../link s/line/linked/
    cp /usr/bin/sed mine; echo line | ./mine s/line/copied/
    cd ..; ./script 'a b' ''; echo
    ./nested c; echo
    echo line | PATH=$PWD/sub mine s/line/searched/
    cp /usr/bin/cat gone; exec 3< gone; rm gone; echo by descriptor | /proc/self/fd/3
    cp /usr/bin/cat gone; { echo running; sleep 0.3; rm gone; echo deleted; } | ./gone`
  const expected = 'linked\ncopied\n<./script><a b><>\n<./script><one argument><./nested><c>\nsearched\nby descriptor\nrunning\ndeleted\n'
  for (const mode of MODES) {
    const result = await guest(script, ['--mode', mode], {cwd: directory})
    t.equal(result.stdout, expected, `${mode}: ${result.stderr}`)
  }
})

t.test('both modes name the same machine', async t => {
  const script = `uname -m; echo $HOSTTYPE $MACHTYPE $OSTYPE; printf 'all:;@echo $(MAKE_HOST)\\n' | make -f -; dpkg --print-architecture
    sed -n '' /dev/null; readlink /proc/self/exe; bash -c 'echo $HOSTTYPE $MACHTYPE'`
  const hybrid = await direct(['bash', '-c', script])
  const emulated = await direct(['bash', '-c', script], ['--mode', 'emulated'])
  t.equal(hybrid.stdout, emulated.stdout)
  t.match(
    hybrid.stdout,
    /^mips64\nmips64el mips64el-unknown-linux-gnuabi64 linux-gnuabi64\nmips64el-unknown-linux-gnuabi64\nmips64el\n/,
    hybrid.stderr,
  )
})

t.test("a twin runs for the package's own file, and for nothing else", async t => {
  const script = `${ASK}
    ask sed -u p
    ask /bin/sed -u p
    cp -p /usr/bin/sed /root/sed; ask /root/sed -u p
    cp -p /usr/bin/sed /root/saved
    touch /usr/bin/sed; ask sed -u p
    printf '#!/bin/sh\\necho a script\\n' > /usr/bin/sed; sed
    cp /usr/bin/tr /usr/bin/sed; echo abc | sed b B
    cp -p /root/saved /usr/bin/sed; ask sed -u p`
  const result = await direct(['bash', '-c', script])
  const twin = 'line /usr/bin/sed'
  // The last one has the package's bytes again, and its time: a copy of them is looked at byte by byte.
  t.same(result.stdout.trim().split('\n'), [twin, twin, EMULATOR, EMULATOR, 'a script', 'aBc', twin], result.stderr)
})

t.test('with --mode emulated no program has a twin', async t => {
  const result = await direct(['bash', '-c', `${ASK} ask sed -u p; ask cat`], ['--mode', 'emulated'])
  t.same(result.stdout.trim().split('\n'), [EMULATOR, EMULATOR], result.stderr)
})

// One that lasts a while is followed for packages that come.
for (const argv of [['true'], ['sleep', '0.5']]) {
  t.test(`${argv.join(' ')} loads few files: its start is mostly what Node loads`, async t => {
    const coverage = scratch(t)
    const {exitCode} = await direct(argv, [], {variables: {NODE_V8_COVERAGE: coverage}})
    t.equal(exitCode, 0)
    const loaded = readdirSync(coverage).flatMap(name => {
      const {result}: {result: {url: string}[]} = JSON.parse(readFileSync(join(coverage, name), 'utf8'))
      return result.map(({url}) => url).filter(url => url.startsWith('file:'))
    })
    t.ok(loaded.length >= 3 && loaded.length <= 8, loaded.join('\n'))
  })
}
