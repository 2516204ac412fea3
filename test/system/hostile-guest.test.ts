import {readdirSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {copiedData, IS_ROOT, xbuildIn} from './data.js'
import {CLI, PROFILE, scratch} from './rig.js'

const SCRIPTS = fileURLToPath(new URL('hostile', import.meta.url))
/** With a data directory of its own: what it tries could otherwise spoil the other tests. */
const data = await copiedData(t, ['environments', 'roots', 'twins'])

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

t.test('what PID 1 is executed from is no file of the host’s', async t => {
  const program = join(dirname(CLI), '../dist/shims/xbuild-session')
  const before = statSync(program, {bigint: true})
  const {exitCode, stdout} = await attack(['sh', '-c', 'readlink /proc/1/exe; chmod 4777 /proc/1/exe; ls -l /proc/1/exe >/dev/null'])
  t.equal(exitCode, 0)
  t.match(stdout, /memfd:/)
  t.equal(statSync(program, {bigint: true}).ctimeNs, before.ctimeNs)
})

t.test(
  'a program that runs as root for everybody is told, where the host’s root is the session’s',
  {skip: IS_ROOT ? false : 'not root'},
  async t => {
    const directory = scratch(t)
    const leave = 'cp /bin/true . && cp true kept && chmod 4755 true && chmod 2755 kept'
    const {exitCode, stderr} = await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'sh', '-c', leave], {cwd: directory})
    t.equal(exitCode, 0)
    const told = (name: string) =>
      `xbuild-env: the session left a program there that runs with its owner's rights, whoever starts it: ${directory}/${name}\n  chmod ug-s ${directory}/${name}\n`
    t.equal(
      stderr
        .split(/(?=^xbuild-env:)/m)
        .sort()
        .join(''),
      told('kept') + told('true'),
    )
    t.equal(
      (await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', 'true'], {cwd: directory})).stderr,
      '',
      'what was there before is not',
    )
  },
)

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
