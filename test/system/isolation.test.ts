import {existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {outside} from './outside.js'
import {guest, PROFILE, scratch, xbuild} from './rig.js'

/** Switches of the kernel that no namespace has of its own. */
const SWITCHES = [
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/core_pattern',
  'kernel/sysrq',
  'vm/overcommit_memory',
  'vm/swappiness',
  'fs/file-max',
  'fs/protected_symlinks',
].map(name => join('/proc/sys', name))

const BINFMT = '/proc/sys/fs/binfmt_misc'

function readIfAllowed(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return String(error)
  }
}

/** What a session could harm. */
const host = () => ({
  name: hostname(),
  mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
  switches: SWITCHES.map(path => `${path} ${readIfAllowed(path)}`),
  binfmt: existsSync(BINFMT) ? readdirSync(BINFMT).map(name => `${name} ${readIfAllowed(join(BINFMT, name))}`) : [],
  devices: ['null', 'zero', 'tty'].map(name => `${name} ${statSync(join('/dev', name)).mode}`),
})

/** Ends the script where it is not in a session: what follows would harm the host. */
const ONLY_IN_A_SESSION = `
  test "$(readlink /proc/self/ns/mnt)" != ${readlinkSync('/proc/self/ns/mnt')} || exit 99
  test "$(readlink /proc/self/ns/pid)" != ${readlinkSync('/proc/self/ns/pid')} || exit 99`

t.test('a session that mounts, unmounts and kills all that it can harms itself only', async t => {
  const directory = scratch(t)
  writeFileSync(join(directory, 'kept'), 'kept')
  const before = host()
  const bystander = outside('sleep 4; echo alive')
  const hostile = [
    'mount -t tmpfs none /usr/share; mount -t tmpfs none /srv; mount --bind /srv /opt; mount --make-rshared /; mount -t tmpfs none /mnt',
    'mount -o remount,ro /; mount -o remount,ro .; umount -l .; umount -a -l; umount -a -l -t proc,sysfs',
    'kill -9 -1; kill -KILL 1; kill -TERM 1',
    'rm -f /dev/null; umount -l /dev; umount -l /proc',
    'cd /proc && for name in [0-9]*; do kill -9 "$name"; done',
  ]
  for (const script of hostile) {
    const result = await guest(`${ONLY_IN_A_SESSION}; ${script}`, [], {cwd: directory, timeout: 30_000})
    t.not(result.exitCode, 99, script)
  }
  t.same(host(), before)
  t.equal((await bystander).stdout.toString(), 'alive\n')
  t.equal(readFileSync(join(directory, 'kept'), 'utf8'), 'kept')
  t.equal((await guest('echo fine')).stdout, 'fine\n')
})

t.test("the name of the machine is the session's own", async t => {
  const before = hostname()
  const result = await guest('uname -n; cat /proc/sys/kernel/hostname; hostname other; echo other > /proc/sys/kernel/hostname; uname -n')
  t.match(result.stdout, `${PROFILE}\n${PROFILE}\n`)
  t.equal(hostname(), before)
})

t.test('with --no-network no interface of the host is seen', async t => {
  const result = await guest('ls /sys/class/net; ls -d /sys/fs/cgroup; : > /sys/class/x', ['--no-network'])
  t.match(result, {stdout: 'lo\n/sys/fs/cgroup\n', stderr: /Read-only file system/})
})

t.test("with --no-network the session's root may do with its network and its host name what root may", async t => {
  const script = `${ONLY_IN_A_SESSION}
    hostname renamed && hostname
    perl -MSocket -e '
      socket(R, AF_INET, SOCK_RAW, 1) and print "raw\n";
      socket(L, AF_INET, SOCK_STREAM, 6); bind(L, sockaddr_in(80, INADDR_LOOPBACK)) and listen(L, 1) and print "port 80\n";
      socket(C, AF_INET, SOCK_STREAM, 6); connect(C, sockaddr_in(80, INADDR_LOOPBACK)) and print "connected\n"'`
  const before = hostname()
  t.match(await guest(script, ['--no-network']), {stdout: 'renamed\nraw\nport 80\nconnected\n', stderr: ''})
  t.equal(hostname(), before)
})

t.test('the switches of the kernel cannot be written', async t => {
  const before = host()
  // each gets the value that it has: harmless where a session could
  const script = `${ONLY_IN_A_SESSION}
    for file in "$@"; do
      if (value=$(cat "$file") && printf '%s' "$value" > "$file") 2>/dev/null; then echo "$file"; fi
    done
    for file in /proc/sysrq-trigger /proc/irq/default_smp_affinity; do
      if test -e "$file" && (true >> "$file") 2>/dev/null; then echo "$file"; fi
    done`
  const result = await xbuild(['run', PROFILE, '--ephemeral', '--', 'sh', '-c', script, 'sh', ...SWITCHES])
  t.equal(result.exitCode, 0, result.stderr)
  t.equal(result.stdout, '')
  t.same(host(), before)
})

t.test('of /proc, beside that of processes and of the network, only what the kernel tells of load can be written', async t => {
  const before = host()
  // opened, and nothing is written
  const script = `${ONLY_IN_A_SESSION}
    find /proc -xdev '(' -regex '/proc/[0-9]+' -o -path /proc/self -o -path /proc/thread-self -o -path /proc/sys ')' -prune -o -type f -print0 |
      perl -0 -MFcntl -ne '
        chomp;
        print "$_\n" if (stat($_) && (stat(_))[2] & 0222 || m{^/proc/(fs|acpi|scsi|asound|driver|irq|bus)/}) && sysopen(F, $_, O_WRONLY)'`
  const {exitCode, stdout, stderr} = await guest(script)
  t.equal(exitCode, 0, stderr)
  t.same(
    stdout.split('\n').filter(line => line !== '' && !line.startsWith('/proc/pressure/')),
    [],
  )
  t.same(host(), before)
})

t.test("the session's binfmt_misc is its own", async t => {
  const before = host()
  const result = await guest(`${ONLY_IN_A_SESSION}
    mkdir /root/b; mount -t binfmt_misc none /root/b && ls /root/b
    echo ':harmful:E::harmful::/bin/true:' > /root/b/register && ls /root/b`)
  t.equal(result.stdout, 'register\nstatus\nxbuild-env\nharmful\nregister\nstatus\nxbuild-env\n', result.stderr)
  t.same(host(), before)
})

t.test('no descriptor, root or directory of PID 1 leads to the host', async t => {
  const directory = scratch(t)
  const [shown, hidden, project] = ['shown', 'hidden', 'project'].map(name => join(directory, name)) as [string, string, string]
  for (const path of [shown, hidden, project]) mkdirSync(path)
  const marker = join(hidden, 'marker')
  writeFileSync(marker, 'of the host')
  const script = `
    count=0
    look() {
      up=.
      for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        if test -e "$1/$up${marker}"; then echo "$1/$up -> $(readlink "$1")"; fi
        up=$up/..
      done
      if (cd "$1" && cd .. && cd ../../../../../../.. && test -e ".${marker}") 2>/dev/null; then echo "cd $1"; fi
      count=$((count + 1))
    }
    for start in /proc/[0-9]*/fd/* /proc/[0-9]*/root /proc/[0-9]*/cwd /proc/self/fd/* /proc/[0-9]*/task/*/fd/* / /dev /dev/xbuild/* /sys /proc . '${shown}'; do
      if test -d "$start"; then look "$start"; fi
    done
    test -e '${marker}' && echo plain
    echo "looked $((count > 8))"`
  for (const user of ['root', 'nobody']) {
    const command = ['run', PROFILE, '--ephemeral', '--user', user, '--bind', shown, '--', 'bash', '-c', script]
    // with a descriptor of the caller's that is open: a shell or make may have any number of these
    const result = await outside('exec 7< / 8< "$HIDDEN"; xb "$@"', {cwd: project, variables: {HIDDEN: hidden}, args: command})
    t.equal(result.stdout.toString(), 'looked 1\n', `${user}: ${result.stderr}`)
  }
})

t.test('the guest has the descriptors 0, 1 and 2 and no other', async t => {
  const result = await outside(
    `exec 5< / 9> /dev/null 77< /etc/passwd; xb run ${PROFILE} --ephemeral -- bash -c 'for n in {0..1023}; do if test -e /proc/$$/fd/$n; then echo $n; fi; done'`,
  )
  t.equal(result.stdout.toString(), '0\n1\n2\n')
})

t.test('the guest cannot speak for the session', async t => {
  const result = await guest(
    'for fd in /proc/self/fd/* /proc/1/fd/*; do (printf "error forged\\t1\\tforged\\n" > "$fd") 2>/dev/null; done; (printf "exec 2\\n" >&4) 2>/dev/null; exit 3',
  )
  t.equal(result.exitCode, 3)
  t.notMatch(result.stderr, /^xbuild-env:/m)
})

t.test('devices are those that a container has', async t => {
  const result = await guest(`ls /dev | tr '\\n' ' '; ls /dev/pts
    mknod /root/sda b 8 0; mknod /root/null c 1 3; mknod /dev/kmsg c 1 11; cat /dev/mem; echo "made: $(ls /root)"`)
  t.equal(result.stdout, 'fd full null ptmx pts random shm stderr stdin stdout tty urandom xbuild zero ptmx\nmade: \n')
  t.match(result.stderr, /sda: Operation not permitted[\s\S]*null: Operation not permitted[\s\S]*kmsg: Operation not permitted/)
})

t.test("the host's devices keep their modes, and work", async t => {
  const before = host()
  // 666 is the mode that they have: harmless where a session could
  const result = await guest(`${ONLY_IN_A_SESSION}
    for name in full null random tty urandom zero; do chmod 666 /dev/$name 2>/dev/null && echo "changed $name"; done
    echo lost > /dev/null && head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; { head -c 1 /dev/zero > /dev/full; } 2>&1`)
  t.match(result.stdout, /^3\n3\n.*No space left on device\n$/, result.stderr)
  t.same(host(), before)
})

t.test('the twins and the root below cannot be changed', async t => {
  const {rootTree} = JSON.parse((await xbuild(['info', PROFILE, '--json'])).stdout)
  const passwd = join(rootTree, 'etc/passwd')
  const before = readFileSync(passwd, 'utf8')
  const result = await guest(`
    for path in /proc/1/fd/100 /proc/1/fd/101/usr/bin /dev/xbuild/lib; do touch "$path/planted" 2>/dev/null && echo "$path"; done
    echo changed > /etc/passwd; cat /etc/passwd`)
  t.equal(result.stdout, 'changed\n', result.stderr)
  t.equal(readFileSync(passwd, 'utf8'), before)
})

t.test('links that an earlier session planted lead the next one nowhere outside', async t => {
  const name = 'isolation-links'
  t.equal((await xbuild(['create', PROFILE, '--name', name])).exitCode, 0)
  t.teardown(() => xbuild(['remove', name]))
  const directory = scratch(t)
  const [target, shown, project] = ['target', 'shown', 'project'].map(part => join(directory, part)) as [string, string, string]
  for (const path of [target, shown, project]) mkdirSync(path)
  writeFileSync(join(target, 'file'), 'of the host')
  writeFileSync(join(shown, 'inside'), 'shown')
  const far = '../'.repeat(20)
  const planted = await xbuild(
    [
      'run',
      name,
      '--workdir',
      '/',
      '--',
      'sh',
      '-c',
      `${ONLY_IN_A_SESSION}
    ln -s ${target} /srv/absolute; ln -s ${far}${target.slice(1)} /srv/upwards; ln -s / /srv/root
    mv /tmp /tmp.old && ln -s ${far}tmp/elsewhere /tmp; mkdir -p /tmp.old /elsewhere; ls -d /srv/*`,
    ],
    {cwd: '/'},
  )
  t.equal(planted.stdout, '/srv/absolute\n/srv/root\n/srv/upwards\n', planted.stderr)
  const before = host()
  const binds = ['/srv/absolute/new', '/srv/upwards/new', '/srv/absolute', '/srv/upwards', `/srv/root${target}/new`]
  for (const bind of binds) {
    const result = await xbuild(['run', name, '--ephemeral', '--bind', `${shown}:${bind}`, '--', 'sh', '-c', `cat ${bind}/inside`], {
      cwd: project,
    })
    t.ok(result.stdout === 'shown' || result.exitCode === 125, `${bind}: ${result.stdout}${result.stderr}`)
    t.same(readdirSync(target), ['file'], bind)
  }
  t.equal(readFileSync(join(target, 'file'), 'utf8'), 'of the host')
  t.notOk(existsSync('/elsewhere'))
  t.ok(lstatSync('/tmp').isDirectory())
  t.same(host(), before)
})

t.test('links in place of what every session mounts lead nowhere outside', async t => {
  const name = 'isolation-places'
  t.equal((await xbuild(['create', PROFILE, '--name', name])).exitCode, 0)
  t.teardown(() => xbuild(['remove', name]))
  const directory = scratch(t)
  mkdirSync(join(directory, 'target'))
  const target = join(directory, 'target')
  await xbuild(
    [
      'run',
      name,
      '--workdir',
      '/',
      '--',
      'sh',
      '-c',
      `${ONLY_IN_A_SESSION}
    umount -l /etc/resolv.conf /etc/hosts /sys
    rm /etc/resolv.conf /etc/hosts; ln -s ${target}/resolv.conf /etc/resolv.conf; ln -s ../../../..${target}/hosts /etc/hosts
    umount -l /dev; rm -r /dev; ln -s ${target} /dev
    rmdir /sys; ln -s ${target} /sys`,
    ],
    {cwd: '/'},
  )
  const before = host()
  const result = await xbuild(['run', name, '--', 'true'])
  t.ok([0, 125].includes(result.exitCode), result.stderr)
  t.same(readdirSync(target), [])
  t.same(host(), before)
})

t.test('su and runuser change to another user, whose programs run as their twins too', async t => {
  const script = 'su nobody -s /bin/sh -c "id -u; readlink /proc/self/exe"; runuser -u nobody -- id -u'
  for (const mode of ['hybrid', 'emulated']) {
    const {stdout, stderr} = await guest(script, ['--mode', mode])
    t.equal(stdout, '65534\n/usr/bin/readlink\n65534\n', stderr)
  }
})

t.test("where root runs it, the guest cannot get around the session's mounts", async t => {
  if (process.getuid?.() !== 0) {
    t.pass('not root', {skip: 'an ordinary user is not root of the host in the session either'})
    return
  }
  const tries = [
    'mkdir -p /mnt/proc && mount -t proc proc /mnt/proc',
    'mount -o remount,rw /proc/sys',
    'umount /proc/sys',
    'umount /sys',
    'mount -o remount,rw /sys',
    'cat /proc/sys/kernel/panic > /proc/sys/kernel/panic',
  ]
  for (const script of tries) t.not((await guest(`(${script}) 2>/dev/null`)).exitCode, 0, script)
})
