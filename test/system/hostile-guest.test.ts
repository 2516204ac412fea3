import {execFileSync, spawnSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {copiedData, IS_ROOT, xbuildIn} from './data.js'
import {outside} from './outside.js'
import {CLI, DATA, PROFILE, scratch} from './rig.js'
import {planOf} from './session-program.js'

// As xbuild-env has it, beside the programs that are not TypeScript.
const HOST_SESSION = new URL('../../dist/host/session.js', import.meta.url).href
const {runSession}: typeof import('../../lib/host/session.js') = await import(HOST_SESSION)

const SCRIPTS = fileURLToPath(new URL('hostile', import.meta.url))
/** With a data directory of its own: what it tries could otherwise spoil the other tests. */
const data = await copiedData(
  t,
  // layers are there where another test has cloned the environment
  ['environments', 'roots', 'twins', 'layers'].filter(part => existsSync(join(DATA, part))),
)

/** Runs a command as the root of a session that shows the scripts. */
const attack = (argv: readonly string[], options: readonly string[] = []) =>
  xbuildIn(data, ['run', PROFILE, '--ephemeral', '--bind', `${SCRIPTS}:/attack:ro`, ...options, '--', ...argv])

t.test('what a session holds or shows read-only, its root cannot change', async t => {
  const directory = scratch(t)
  writeFileSync(join(directory, 'file'), '')
  const places = [
    ...['100', '101', '102'].map(fd => `/proc/1/fd/${fd}`),
    '/dev/xbuild/lib',
    '/dev/xbuild/lib/ld-heap.so',
    '/dev/xbuild/preludes',
    '/etc/hosts',
    '/sys',
    '/attack',
    '/shown',
  ]
  const {stdout, stderr} = await attack(['perl', '/attack/unlock.pl', ...places], ['--bind', `${directory}:/shown:ro`])
  t.equal(stdout, places.map(place => `${place}: nothing\n`).join(''), stderr)
  t.same(readdirSync(directory), ['file'])
})

t.test('a read-only bind over a part of the project cannot be taken away', async t => {
  const directory = scratch(t)
  const kept = join(directory, 'kept')
  mkdirSync(kept)
  writeFileSync(join(kept, 'file'), 'as it was')
  const undo = 'umount kept; umount -l kept; mount --move kept /mnt; umount -R .; echo changed >kept/file; rm -f kept/file; echo end'
  const argv = ['run', PROFILE, '--ephemeral', '--bind', `${kept}:${kept}:ro`, '--', 'sh', '-c', undo]
  const {stdout, stderr} = await xbuildIn(data, argv, {cwd: directory})
  t.equal(stdout, 'end\n', stderr)
  t.equal(readFileSync(join(kept, 'file'), 'utf8'), 'as it was')
})

t.test('what PID 1 is executed from is no file of the host’s', async t => {
  const program = join(dirname(CLI), '../dist/shims/xbuild-session')
  const before = statSync(program, {bigint: true})
  const {exitCode, stdout} = await attack(['sh', '-c', 'readlink /proc/1/exe; chmod 4777 /proc/1/exe; ls -l /proc/1/exe >/dev/null'])
  t.equal(exitCode, 0)
  t.match(stdout, /memfd:/)
  t.equal(statSync(program, {bigint: true}).ctimeNs, before.ctimeNs)
})

/** man 2 setxattr, of the target's numbers: <asm/unistd_n64.h> of mips; man 7 capabilities and <linux/capability.h>: version 2, effective CAP_SETUID. */
const CAPABLE =
  'my $name = "security.capability"; my $value = pack "V5", 0x2000001, 0x80; exit(syscall(5180, $ARGV[0], $name, $value, 20, 0) != 0)'
const setCapability = (path: string) => `perl -e '${CAPABLE}' ${path}`

/** What is on standard error for one of a session's files. */
const told = (what: string, path: string, undo: string) =>
  `xbuild-env: the session left a program there that runs with ${what}, whoever starts it: ${path}\n  ${undo}\n`
const CAPABILITIES = 'capabilities of its own'
const OWNER = "its owner's rights"

/** As a shell of the host's runs what was told. */
const paste = (stderr: string) => spawnSync('sh', ['-c', stderr.replace(/^xbuild-env.*$/gm, '')]).stderr.toString()

t.test(
  'a program that runs as root for everybody is told, where the host’s root is the session’s',
  {skip: IS_ROOT ? false : 'not root'},
  async t => {
    const directory = scratch(t)
    const leave = 'cp /bin/true . && cp true kept && chmod 4755 true && chmod 2755 kept'
    const {exitCode, stderr} = await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'sh', '-c', leave], {cwd: directory})
    t.equal(exitCode, 0)
    t.equal(
      stderr
        .split(/(?=^xbuild-env:)/m)
        .sort()
        .join(''),
      ['kept', 'true'].map(name => told(OWNER, join(directory, name), `chmod ug-s ${join(directory, name)}`)).join(''),
    )
    t.equal(
      (await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'true'], {cwd: directory})).stderr,
      '',
      'what was there before is not',
    )
  },
)

t.test(
  'a program with capabilities of its own is told, where the host’s root is the session’s',
  {skip: IS_ROOT ? false : 'not root'},
  async t => {
    const directory = scratch(t)
    const leave = `cp /bin/true capable && ${setCapability('capable')} && cp capable data && ${setCapability('data')} && chmod a-x data`
    const {exitCode, stderr} = await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'sh', '-c', leave], {cwd: directory})
    t.equal(exitCode, 0)
    const file = join(directory, 'capable')
    t.equal(stderr, told(CAPABILITIES, file, `chown --reference=${file} ${file}`))
    t.equal(paste(stderr), '')
    const again = await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'sh', '-c', 'chmod g+x capable'], {cwd: directory})
    t.equal(again.stderr, '', 'what was told takes them away')
  },
)

t.test('a file of the caller’s that a session was handed, and has given rights, is told', {skip: IS_ROOT ? false : 'not root'}, async t => {
  const [project, other] = [scratch(t), scratch(t)]
  const file = join(other, 'output')
  const redirected = (script: string) =>
    outside(`xb run ${PROFILE} --ephemeral -- sh -c "$1" >"$2"`, {cwd: project, args: [script, file], variables: {XBUILD_ENV_DATA: data}})
  const owner = await redirected('echo program; chmod 4755 /proc/self/fd/1')
  t.equal(owner.stderr.toString(), told(OWNER, file, `chmod ug-s ${file}`))
  const capable = await redirected(`chmod 755 /proc/self/fd/1; ${setCapability('/proc/self/fd/1')}`)
  t.equal(capable.stderr.toString(), told(CAPABILITIES, file, `chown --reference=${file} ${file}`))
  t.equal((await redirected('chmod 755 /proc/self/fd/1')).stderr.toString(), '')
})

t.test('no name hides such a program, or does anything to the terminal', {skip: IS_ROOT ? false : 'not root'}, async t => {
  const directory = scratch(t)
  const names = ['\\033[31m', '\\377', 'a\\nb']
  const leave = names.map(name => `name=$(printf '${name}.'); cp /bin/true "$name"; chmod 4755 "$name"`).join('; ')
  const {stderr} = await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'sh', '-c', leave], {cwd: directory})
  t.equal(stderr.match(/^xbuild-env: /gm)?.length, names.length, stderr)
  t.notMatch(stderr, /[^\n\P{Cc}]/u)
  t.equal(paste(stderr), '')
  for (const name of readdirSync(directory, {encoding: 'buffer'})) {
    t.equal(statSync(Buffer.concat([Buffer.from(`${directory}/`), name])).mode & 0o7777, 0o755)
  }
})

t.test('no path is so long that such a program is not seen', {skip: IS_ROOT ? false : 'not root'}, async t => {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => execFileSync('rm', ['-rf', directory])) // Node's rmSync does not go so deep
  const name = 'n'.repeat(250)
  const deeper = `i=0; while [ $i -lt 40 ]; do mkdir ${name}; cd ${name}; i=$((i + 1)); done`
  const leave = `exec 2>/dev/null; ${deeper}; cp /bin/true owner; cp owner capable; chmod 4755 owner; ${setCapability('capable')}`
  const {stderr} = await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'sh', '-c', leave], {cwd: directory})
  t.same(stderr.match(/ runs with (.*?), /g)?.sort(), [` runs with ${CAPABILITIES}, `, ` runs with ${OWNER}, `], stderr)
  t.equal(paste(stderr), '')
  t.equal(execFileSync('find', [directory, '-perm', '/6000']).toString(), '')
  t.equal((await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'chmod', '-R', 'g+x', name], {cwd: directory})).stderr, '')
})

t.test('no session can hold up the programs of others', async t => {
  const shared = ['/proc/1/fd/101/usr/bin/expr', '/dev/xbuild/preludes/perl.pl', '/proc/1/fd/100/table']
  const {exitCode, stdout, stderr} = await attack(['perl', '/attack/lease.pl', ...shared])
  t.equal(exitCode, 0, stderr)
  t.equal(stdout, '')
})

t.test('the control groups that the tool is in cannot be mounted', async t => {
  const types = ['cgroup2 none', ...['pids', 'memory', 'freezer', 'devices'].map(name => `cgroup none -o ${name}`)]
  const mounts = types.map(type => `mount -t ${type} /mnt 2>/dev/null && echo mounted ${type}`).join('; ')
  const {stdout, stderr} = await attack(['sh', '-c', `${mounts}; unshare -C sh -c '${mounts}'; unshare -UrC sh -c '${mounts}'; echo tried`])
  t.equal(stdout, 'tried\n', stderr)
})

t.test('a device that the caller hands down is the session’s own, which it cannot change', async t => {
  const script = 'chmod 0666 /proc/self/fd/0 /proc/1/fd/0 2>&1; cat /proc/self/fd/0; echo seen >/proc/self/fd/2'
  const {stdout} = await attack(['sh', '-c', script])
  t.match(stdout, /^chmod: .*Read-only file system\nchmod: .*Read-only file system\n$/)
})

t.test('a device node in the project, or in what else is bound, cannot be opened', {skip: IS_ROOT ? false : 'not root'}, async t => {
  const directory = scratch(t)
  const node = join(directory, 'node')
  t.equal(spawnSync('mknod', [node, 'c', '1', '3'], {stdio: 'inherit'}).status, 0) // as /dev/null
  chmodSync(node, 0o666)
  try {
    readFileSync(node)
  } catch {
    return t.pass('nor on the host', {skip: 'devices of the directory for temporary files cannot be opened'})
  }
  const script = `
    look() { (: <"$1") 2>/dev/null && echo "$1 opened"; (echo x >"$1") 2>/dev/null && echo "$1 written"; }
    for path in node /shown/node /kept/node; do test -c "$path" && look "$path"; done
    for mount in . /shown /kept; do mount -o remount,bind,dev "$mount" 2>/dev/null && echo "$mount changed"; done
    look node; look /null && echo done`
  const binds = ['--bind', `${directory}:/shown`, '--bind', `${directory}:/kept:ro`, '--bind', '/dev/null:/null']
  const {stdout, stderr} = await xbuildIn(data, ['run', PROFILE, '--ephemeral', ...binds, '--', 'sh', '-c', script], {cwd: directory})
  t.equal(stdout, '/null opened\n/null written\ndone\n', stderr)
})

const noForging = process.arch === 'x64' ? false : 'the registers are those of x86-64'

t.test("what the session's root has PID 1 report decides about nothing but the session's own end", {skip: noForging}, async t => {
  const program = join(scratch(t), 'forge')
  t.equal(spawnSync('cc', ['-static', '-o', program, join(SCRIPTS, 'forge.c')], {stdio: 'inherit'}).status, 0)
  const forged = async (lines: string) => {
    const ready: number[] = []
    const result = runSession(await planOf(program, lines), {output: {lines: line => t.comment(line)}, onReady: pid => ready.push(pid)})
    const end = await result.catch(error => String(error))
    t.equal(ready.length, 1, 'it is ready once')
    t.ok(ready[0] !== 1 && ready[0] !== undefined && ready[0] > 1, 'and is the process that it was before')
    return end
  }
  t.match(await forged('started 1\nready\n'), {kind: 'ended', exitCode: 3})
  t.match(await forged(`usage 1 2 3\nstarted 1\n${'x'.repeat(2000)}\nready\n`), {kind: 'ended', exitCode: 3})
  t.same(await forged('exec 2\n'), {kind: 'not-executed', errno: 'ENOENT', session: 'over'})
  t.match(await forged('ended 0\nheld\ngone\nlast\noldest\n'), {kind: 'ended', exitCode: 3, session: 'over'})
  const error = await forged('error forged\t1\t\x1b[2J\x07\nerror later\t1\t\n')
  t.match(error, /forged \?\[2J\?: EPERM$/, 'the first counts, and controls no terminal')
})
