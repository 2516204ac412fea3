import {execFileSync, spawn} from 'node:child_process'
import {mkdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs'
import {constants} from 'node:os'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t from 'tap'
import {asMaker, copiedData, ERROR, xbuildIn} from './data.js'
import {CLI, PROFILE, plainVariables, type Result, scratch} from './rig.js'

const data = await copiedData(t, ['roots', 'twins', 'routing'])
const xb = (...args: string[]) => xbuildIn(data, args, {cwd: '/', timeout: 60_000})
const sh = (script: string) => xb('run', PROFILE, '--', 'sh', '-c', script)
const upper = join(data, 'environments', PROFILE, 'upper')
const create = async () => {
  await xb('remove', PROFILE)
  const created = await xb('create', PROFILE)
  if (created.exitCode !== 0) throw new Error(created.stderr)
}

/** What the tool itself says, without the note on the directory that it is run from. */
const said = ({stderr}: Pick<Result, 'stderr'>) => stderr.replace(/^xbuild-env: \/ is a directory of the system.*\n/m, '')

await create()

const CHANGES: [what: string, script: string, message: RegExp][] = [
  ['a FIFO', 'rm FILE; mkfifo FILE', /is not a regular file/],
  ['a link to /dev/zero', 'ln -sf /dev/zero FILE', /has no user|is not a regular file/],
  ['a directory', 'rm FILE; mkdir FILE', /is a directory/],
  ['a loop of links', 'rm FILE; ln -s FILE FILE', /is a loop of symbolic links/],
  ['endless', 'truncate -s 1T FILE', /is larger than \d+ bytes/],
]

for (const [what, script, message] of CHANGES) {
  t.test(`/etc/passwd that is ${what}: the next session says so, at once`, async t => {
    t.equal((await sh(script.replaceAll('FILE', '/etc/passwd'))).exitCode, 0)
    for (const args of [['--ephemeral'], []]) {
      const ran = await xb('run', ...args, PROFILE, '--', 'true')
      t.equal(ran.exitCode, 125)
      t.match(said(ran), message)
      t.match(said(ran), ERROR)
    }
    await asMaker(['rm', '-rf', join(upper, 'etc/passwd')])
    t.match(await xb('run', PROFILE, '--', 'true'), {exitCode: 0}, 'as the hint says, the one below is seen again')
  })
}

t.test('/etc/group and /etc/passwd that nobody may read, or are gone', async t => {
  t.equal((await sh('rm /etc/group; mkfifo /etc/group')).exitCode, 0)
  t.match(said(await xb('run', PROFILE, '--', 'true')), ERROR)
  await asMaker(['rm', '-rf', join(upper, 'etc/group')])
  t.equal((await sh('chmod 0 /etc/passwd')).exitCode, 0)
  const closed = await xb('run', PROFILE, '--', 'true')
  if (process.getuid?.() === 0) t.match(closed, {exitCode: 0}, 'root reads it all the same')
  else t.match(said(closed), /cannot be read \(EACCES\)[^\n]*\n {2}[^\n]+\n$/)
  await asMaker(['rm', '-rf', join(upper, 'etc/passwd')])
  t.equal((await sh('rm /etc/passwd')).exitCode, 0)
  t.match(said(await xb('run', PROFILE, '--', 'true')), /^xbuild-env: the environment has no user "root"\n/)
  await asMaker(['rm', '-rf', join(upper, 'etc/passwd')])
})

t.test('/etc/passwd that is a link within the environment is followed as there', async t => {
  t.equal((await sh('mkdir /opt/users; mv /etc/passwd /opt/users/x; ln -s ../opt/users/x /etc/passwd')).exitCode, 0)
  t.match(await xb('run', PROFILE, '--', 'sh', '-c', 'echo $HOME'), {exitCode: 0, stdout: '/root\n'})
  t.equal((await sh('ln -sf /opt/users/x /etc/passwd')).exitCode, 0)
  t.match(await xb('run', PROFILE, '--', 'sh', '-c', 'echo $HOME'), {exitCode: 0, stdout: '/root\n'})
})

t.test("a user's line that holds anything is no plan of a session", async t => {
  await create()
  t.equal((await sh("printf 'odd:x:nan:-1::/:/bin/sh\\nnul:x:7:7::/ho\\0me:/bin/sh\\n' >>/etc/passwd")).exitCode, 0)
  for (const user of ['odd', 'nul']) t.match(said(await xb('run', '--user', user, PROFILE, '--', 'true')), ERROR)
})

t.test("dpkg's list of packages that is a FIFO, a link to /dev/zero or a directory: sessions go on", async t => {
  for (const script of ['mkfifo status', 'ln -s /dev/zero status', 'mkdir status', 'ln -s status status', 'truncate -s 1T status']) {
    await create()
    const ran = await sh(`cd /var/lib/dpkg && rm status && ${script} && echo made && sleep 1`)
    t.match(ran, {exitCode: 0, stdout: 'made\n'}, script)
    t.notMatch(ran.stderr, /^ +at /m)
    const next = await xb('run', PROFILE, '--', 'echo', 'next')
    t.match(next, {exitCode: 0, stdout: 'next\n'}, script)
    t.notMatch(next.stderr, /^ +at /m)
  }
})

t.test('sums of a package that are a FIFO: its programs are looked at all the same', async t => {
  await create()
  const ran = await sh('cd /var/lib/dpkg/info && rm sed.md5sums && mkfifo sed.md5sums && touch sed.list ../status && sleep 1 && echo ended')
  t.match(ran, {exitCode: 0, stdout: 'ended\n'})
  t.match(await xb('run', PROFILE, '--', 'sed', '--version'), {exitCode: 0})
})

t.test('without /var/lib/dpkg the next session says what that means, and goes on', async t => {
  await create()
  t.equal((await sh('rm -rf /var/lib/dpkg')).exitCode, 0)
  const next = await xb('run', PROFILE, '--', 'echo', 'next')
  t.match(next, {exitCode: 0, stdout: 'next\n'})
  t.match(said(next), /^xbuild-env: routes of packages that come now are found when the session ends: [^\n]+\n {2}[^\n]+\n$/)
  await create()
})

/** Runs a command as root of a user namespace of all the user's ids, in which nobody gets an inotify instance. */
async function withoutWatches(argv: readonly string[]): Promise<{exitCode: unknown; stdout: string; stderr: string}> {
  const isRoot = process.getuid?.() === 0
  const limited = 'echo 0 >/proc/sys/user/max_inotify_instances; exec "$@"'
  // Root has no subordinate ids: its own are given from here, and the next exec makes it root there.
  const begin = isRoot ? 'read -r mapped; exec sh -c "$0" sh "$@"' : 'exec sh -c "$0" sh "$@"'
  const child = spawn('unshare', ['--user', ...(isRoot ? [] : ['--map-root-user', '--map-auto']), 'sh', '-c', begin, limited, ...argv], {
    env: plainVariables({XBUILD_ENV_DATA: data}),
    cwd: '/',
  })
  const output = {stdout: '', stderr: ''}
  child.stdout.on('data', text => (output.stdout += text))
  child.stderr.on('data', text => (output.stderr += text))
  const ended = new Promise(resolve => child.on('close', resolve))
  if (isRoot) {
    const own = readlinkSync('/proc/self/ns/user')
    while (readlinkSync(`/proc/${child.pid}/ns/user`) === own) await pause(10)
    for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${child.pid}/${map}`, '0 0 65536\n')
    child.stdin.write('mapped\n')
  }
  return {exitCode: await ended, ...output}
}

t.test('where the watches of files are used up, a session says so once, and goes on', async t => {
  const ran = await withoutWatches([process.execPath, CLI, 'run', PROFILE, '--', 'echo', 'went'])
  t.match(ran, {exitCode: 0, stdout: 'went\n'})
  const [entries, ...more] = said(ran).split(/(?<=\n)/)
  t.match(entries, /^xbuild-env: entries of the activator that change do not reach this session: /)
  t.match(more.join(''), /^xbuild-env: routes of packages that come now are found when the session ends: [^\n]*EMFILE[^\n]*\n {2}[^\n]+\n$/)
})

t.test("a project's file that is a FIFO, null or full of aliases says so", async t => {
  const directory = scratch(t)
  const build = (text: string | undefined, name = 'xbuild-env.yaml') => {
    const own = join(directory, String(Math.random()))
    mkdirSync(own)
    if (text === undefined) execFileSync('mkfifo', [join(own, name)])
    else writeFileSync(join(own, name), text)
    return xbuildIn(data, ['build'], {cwd: own, timeout: 60_000})
  }
  t.match(await build(undefined), {exitCode: 2, stderr: ERROR})
  t.match(await build('null', 'package.json'), {exitCode: 2, stderr: /^xbuild-env: neither .*\n {2}[^\n]+\n$/})
  t.match(await build(undefined, 'package.json'), {exitCode: 2, stderr: ERROR})
  t.match(await build('targets: *x\nsteps: {build: make}\n'), {exitCode: 2, stderr: /^xbuild-env: .*:1:10: Unresolved alias/})
  const lines = ['a: &a0 [x]', ...Array.from({length: 9}, (_, i) => `b${i}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`)]
  t.match(await build(`${lines.join('\n')}\n`), {exitCode: 2, stderr: /Excessive alias count/})
  t.match(await build(`targets: ${'['.repeat(20_000)}`), {exitCode: 2, stderr: /Maximum call stack|too deep/})
  t.match(await build('targets: [mips64el]\nsteps: {build: make}\nmirror: --setup-hook=touch /tmp/x\n'), {exitCode: 2, stderr: ERROR})
  t.match(await build('targets: [mips64el]\nsteps: {build: make}\nmirror: "deb [trusted=yes] http://x y"\n'), {exitCode: 2, stderr: ERROR})
  t.match(await build('targets: [{profile: mips64el, suite: constructor}]\nsteps: {build: make}\n'), {exitCode: 2, stderr: /unknown suite/})
  t.match(await build('targets: [mips64el]\nsteps: {build: "make\\0x"}\n'), {exitCode: 2, stderr: /NUL/})
  t.match(await build('targets: [mips64el]\nsteps: {build: make}\npackages: ["sed-"]\n'), {exitCode: 2, stderr: ERROR})
})

t.test('a mirror is an address, wherever it comes from', async t => {
  for (const mirror of [
    '--setup-hook=touch /tmp/x',
    'deb [trusted=yes] http://x y main',
    'http://x/ [trusted=yes]',
    '-',
    '/etc/passwd',
    'http://x\ny',
  ]) {
    const made = await xb('create', PROFILE, '--name', 'other', `--mirror=${mirror}`, '--dry-run')
    t.match(made, {exitCode: 2}, mirror)
    t.match(made.stderr, /is not the address of a mirror\n {2}[^\n]+\n$/)
    const variables = {XBUILD_ENV_MIRROR: mirror}
    const other = await xbuildIn(data, ['create', PROFILE, '--name', 'other', '--dry-run'], {cwd: '/', variables})
    t.match(other, {exitCode: 125, stderr: /^xbuild-env: XBUILD_ENV_MIRROR .* is not the address of a mirror\n/}, mirror)
  }
})

t.test('SIGUSR1 to the tool before its session runs reaches the guest, and no debugger stays open', async t => {
  const script = 'cat /proc/net/tcp; kill -0 $$'
  const child = spawn(process.execPath, [CLI, 'run', '--ephemeral', PROFILE, '--', 'sh', '-c', `trap "" USR1; ${script}`], {
    env: plainVariables({XBUILD_ENV_DATA: data}),
    cwd: '/',
  })
  const output = {stdout: '', stderr: ''}
  child.stdout.on('data', text => (output.stdout += text))
  child.stderr.on('data', text => (output.stderr += text))
  const ended = new Promise(resolve => child.on('close', (code, signal) => resolve(signal ?? code)))
  const status = () => readFileSync(`/proc/${child.pid}/status`, 'utf8')
  // man 5 proc_pid_status, SigCgt: from then on Node catches it, before it runs anything.
  const isCaught = () => (BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(status())?.[1] ?? '0'}`) >> BigInt(constants.signals.SIGUSR1 - 1)) & 1n
  while (!isCaught()) await pause(1)
  child.kill('SIGUSR1')
  t.ok([0, 128 + constants.signals.SIGUSR1].includes((await ended) as number), 'the guest ignores it, or had no time to')
  const port = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(output.stderr)?.[1]
  if (port !== undefined) t.notMatch(output.stdout, `:${Number(port).toString(16).toUpperCase()} 00000000:0000 0A`, 'nobody listens there')
  t.notMatch(output.stderr, /^ +at /m)
})
