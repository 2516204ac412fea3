import {spawn, spawnSync} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import t from 'tap'
import {outside} from './outside.js'
import {CLI, guest, PROFILE} from './rig.js'
import {Terminal} from './terminal.js'

const noScript = spawnSync('script', ['--version']).error ? 'script (package bsdutils or util-linux) is not installed' : false

t.test("the caller's terminal is nowhere in the session, not even among PID 1's descriptors", {skip: noScript}, async t => {
  const terminal = new Terminal(t, `xb run ${PROFILE} --ephemeral -- sh -c 'readlink /proc/1/fd/0 /proc/1/fd/1 /proc/1/fd/2'`)
  t.equal(await terminal.ended, 0)
  t.equal(terminal.output, '/dev/null\r\n'.repeat(3))
})

t.test("a user who takes answers without reading them does not end other users' programs", async t => {
  const flood = `
    use Socket;
    my $n = 1;
    for (2 .. 4) { if (fork == 0) { $n = $_; last; } }
    for (1 .. 4000) {
      my $s;
      socket($s, AF_UNIX, SOCK_STREAM, 0) && connect($s, pack_sockaddr_un("/dev/xbuild/socket")) or last;
      push @held, $s;
    }
    open(my $ready, ">", "/tmp/ready.$n"); close $ready; sleep 1000`
  const script = `
    as() { setpriv --clear-groups --reuid="$@"; }
    as 65534 perl -e '${flood}' &
    for n in 1 2 3 4; do while [ ! -e /tmp/ready.$n ]; do sleep 0.1; done; done
    for n in 1 2 3 4 5; do as 1 /bin/true || echo "ended with $?"; done
    echo done`
  // The kernel counts descriptors that wait against the limit, not for the host's root.
  const limited = `ulimit -n 4096; exec "$NODE" "$CLI" run ${PROFILE} --ephemeral -- sh -c "$SCRIPT"`
  const result = await outside(limited, {variables: {NODE: process.execPath, CLI, SCRIPT: script}})
  t.equal(String(result.stdout), 'done\n', String(result.stderr))
})

t.test("an abstract unix socket of the host's is reached by its network, and not with --no-network", async t => {
  const address = `pack_sockaddr_un("\\0xbuild-test-${randomUUID()}")` // Node pads such a name
  const listen = `
    socket(L, AF_UNIX, SOCK_STREAM, 0) && bind(L, ${address}) && listen(L, 1) or die $!;
    $| = 1; print "listening\n";
    while (accept(S, L)) { print S "answer\n"; close S }`
  const server = spawn('perl', ['-MSocket', '-e', listen], {stdio: ['ignore', 'pipe', 'inherit']})
  t.teardown(() => server.kill())
  await once(server.stdout, 'data')
  const ask = `perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); print connect(S, ${address}) ? <S> : "$!\\n"'`
  t.equal((await guest(ask)).stdout, 'answer\n')
  t.equal((await guest(ask, ['--no-network'])).stdout, 'Connection refused\n')
})
