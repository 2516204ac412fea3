import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {scratch, xbuild} from './rig.js'

const NAME = 'strace-mips64el'

const PROGRAM = String.raw`
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
static void *thread(void *word) { usleep(1000); return word; }
int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "crash") == 0) return *(volatile int *)8;
  if (count > 1 && strcmp(words[1], "child") == 0) { mkdir("/tmp/child", 0700); return 3; }
  if (count > 1 && strcmp(words[1], "threads") == 0) {
    pthread_t two[2];
    for (int i = 0; i < 2; i++) pthread_create(&two[i], 0, thread, 0);
    for (int i = 0; i < 2; i++) pthread_join(two[i], 0);
    return 0;
  }
  open("/nonexistent", O_RDONLY);
  mkdir("/tmp/a, \"b", 0755);
  if (fork() == 0) { execl(words[0], words[0], "child", (char *)0); _exit(9); }
  wait(0);
  signal(SIGUSR1, SIG_IGN);
  raise(SIGUSR1);
  puts("hello");
  return 7;
}
`

let directory = ''
const strace = (...argv: string[]) => xbuild(['run', NAME, '--ephemeral', '--', 'strace', ...argv], {cwd: directory, timeout: 120_000})

t.before(async () => {
  directory = scratch(t)
  writeFileSync(join(directory, 'prog.c'), PROGRAM)
  const made = await xbuild(['create', 'mips64el', '--name', NAME, '--include', 'strace'])
  if (made.exitCode !== 0) throw new Error(made.stderr)
  const built = await xbuild(['run', NAME, '--ephemeral', '--', 'gcc', '-w', '-pthread', '-o', 'prog', 'prog.c'], {cwd: directory})
  if (built.exitCode !== 0) throw new Error(built.stderr)
})
t.teardown(() => xbuild(['remove', NAME]))

t.test('system calls are said in strace’s layout, and the exit status is the program’s', async t => {
  const {stdout, stderr, exitCode} = await strace('./prog')
  t.equal(exitCode, 7, stderr)
  t.equal(stdout, 'hello\n')
  const lines = stderr.split('\n')
  t.match(lines[0], /^execve\(".\/prog", \["\.\/prog"\], \/\* \d+ vars \*\/\) += 0$/)
  t.ok(lines.includes('openat(AT_FDCWD, "/nonexistent", O_RDONLY) = -1 ENOENT (No such file or directory)'), stderr)
  t.match(stderr, /^mkdir\("\/tmp\/a, "b", 0755\) += 0$/m)
  t.match(stderr, /^wait4\(-1, .*\) += [1-9]\d*$/m, 'what a fork returns in the new process is not taken for another call’s')
  t.match(stderr, /\nexit_group\(7\) += \?\n\+\+\+ exited with 7 \+\+\+\n/)
  t.notMatch(stderr, /tmp\/child/, 'children are not followed')
  t.notMatch(stderr, /strace cannot trace/)
})

t.test('children are followed with -f, each into a file of its own with -ff', async t => {
  const {stderr} = await strace('-f', '-e', 'trace=mkdir,execve', './prog')
  t.match(stderr, /^\[pid +\d+\] execve\("\.\/prog", \["\.\/prog", "child", NULL\]\) += 0$/m)
  t.match(stderr, /^\[pid +\d+\] mkdir\("\/tmp\/child", 0700\) += 0$/m)
  t.equal(stderr.match(/mkdir/g)?.length, 2)
  await strace('-ff', '-o', 'log', './prog')
  const logs = readdirSync(directory).filter(name => name.startsWith('log.'))
  t.equal(logs.length, 2)
  t.equal(logs.filter(name => readFileSync(join(directory, name), 'utf8').includes('/tmp/child')).length, 1)
})

t.test('threads, and a crash', async t => {
  const threads = await strace('-f', './prog', 'threads')
  t.equal(threads.exitCode, 0)
  t.equal(threads.stderr.match(/CLONE_THREAD/g)?.length, 2, threads.stderr)
  t.equal(threads.stderr.match(/^(\[pid +\d+\] )?exit\(0\) /gm)?.length, 2)
  const crashed = await strace('./prog', 'crash')
  t.equal(crashed.exitCode, 139)
  t.match(crashed.stderr, /--- SIGSEGV \{si_signo=SIGSEGV, .*\} ---\n/)
  t.match(crashed.stderr, /\+\+\+ killed by SIGSEGV( \(core dumped\))? \+\+\+\n/)
})

t.test('which calls, how many of each, and when', async t => {
  const {stderr} = await strace('-o', 'file', '-e', 'trace=%file', './prog')
  t.equal(stderr, '')
  const written = readFileSync(join(directory, 'file'), 'utf8')
  t.match(written, /openat/)
  t.notMatch(written, /^(read|brk|wait4)\(/m)
  const counted = await strace('-c', './prog')
  t.match(counted.stderr, /^% time +seconds +usecs\/call +calls +errors syscall\n/)
  t.match(counted.stderr, / 1 +mkdir\n/)
  const timed = await strace('-ttt', '-T', '-e', 'mkdir', './prog')
  t.match(timed.stderr, /^\d{10}\.\d{6} mkdir\(.* = 0 <\d\.\d{6}>$/m)
})

t.test('a program of the distribution is emulated for it; what cannot be had is refused', async t => {
  t.match((await strace('-e', 'trace=write', 'echo', 'one')).stderr, /^write\(1, .*, 4\) += 4$/m)
  const missing = await strace('./missing')
  t.equal(missing.exitCode, 1)
  t.match(missing.stderr, "strace: Can't stat './missing': No such file or directory\n")
  const attached = await strace('-p', '1')
  t.equal(attached.exitCode, 1)
  t.match(attached.stderr, /^strace: -p 1: the emulator lets nobody trace a process that it has begun/)
})
