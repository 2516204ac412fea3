import {chmodSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {guest, PROFILE, type Result, scratch, xbuild} from './rig.js'

/** Executes a file by a descriptor: fexecve FILE HOW…; `memory`, `unlinked` or `file`, and `kept` or `closed` by the exec. */
const FEXECVE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int is_closed = strcmp(argv[3], "closed") == 0;
  int fd = open(argv[1], O_RDONLY | (is_closed ? O_CLOEXEC : 0));
  if (strcmp(argv[2], "unlinked") == 0) unlink(argv[1]);
  if (strcmp(argv[2], "memory") == 0) {
    int from = fd;
    char bytes[65536];
    fd = memfd_create("program", is_closed ? MFD_CLOEXEC : 0);
    for (long n; (n = read(from, bytes, sizeof bytes)) > 0;) if (write(fd, bytes, n) != n) return 2;
    close(from);
  }
  if (strcmp(argv[2], "path") == 0) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    execve(path, argv + 4, environ);
  } else {
    fexecve(fd, argv + 4, environ);
  }
  perror("fexecve");
  return 1;
}
`

/** Says how it was called, and what the kernel has it do: its name, and the descriptors that it was given. */
const TELL = `#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) {
  printf("%s %s", argv[0], argc > 1 ? argv[1] : "-");
  for (int fd = 3; fd < 20; fd++) if (fcntl(fd, F_GETFD) >= 0) printf(" %d", fd);
  putchar('\\n');
  return 0;
}
`

/** Says in a file which of the standard descriptors it has, and which one the next file gets. */
const STANDARD = `#include <fcntl.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char said[] = "--- 0 ";
  for (int fd = 0; fd < 3; fd++) if (fcntl(fd, F_GETFD) >= 0) said[fd] = 'o';
  int file = argc > 1 ? open(argv[1], O_CREAT | O_WRONLY | O_APPEND, 0666) : -1;
  said[4] += file;
  return write(file, said, 6) != 6;
}
`

/** Opens a file that only its owner may read. */
const OPEN = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  puts(argc > 1 && open(argv[1], O_RDONLY) >= 0 ? "opened" : "refused");
  fflush(stdout);
  if (argc > 2) execv(argv[2], (char *[]){argv[2], argv[1], NULL});
  return 0;
}
`

/** What setcap writes: linux/capability.h, struct vfs_cap_data of version 2, cap_dac_override effective and permitted. */
const SET = `#include <sys/xattr.h>
int main(int argc, char **argv) {
  static const unsigned char able[20] = {1, 0, 0, 2, 2};
  return argc < 2 || setxattr(argv[1], "security.capability", able, sizeof able, 0) < 0;
}
`

/** What others see of it in /proc, as far as its caller may look: name, command, variables, file. Then it executes itself. */
const SHOW = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (strcmp(argv[argc - 1], "again") == 0) return puts("again") < 0;
  char script[400];
  snprintf(script, sizeof script, "cat /proc/%d/comm; tr '\\\\0' , </proc/%d/cmdline; echo; tr '\\\\0' '\\\\n' </proc/%d/environ | grep ^SHOWN; readlink /proc/%d/exe",
           getpid(), getpid(), getpid(), getpid());
  if (system(script) < 0) return 2;
  fflush(stdout);
  execv("/proc/self/exe", (char *[]){argv[0], "again", NULL});
  perror("execv");
  return 1;
}
`

/** Runs a program where the kernel does not let a process change what /proc shows of it: prctl(PR_SET_MM). A host's program. */
const HIDE = `#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 2),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_MM, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 125;
  execv(argv[1], argv + 1);
  perror(argv[1]);
  return 127;
}
`

/** Uses as many MB of stack as it is told. */
const DEEP = `#include <stdlib.h>
#include <stdio.h>
int descend(int n) { volatile char bytes[1 << 20]; bytes[0] = n; return n > 0 ? descend(n - 1) + bytes[0] * 0 : 0; }
int main(int argc, char **argv) { return argc < 2 || descend(atoi(argv[1])) || puts("deep") < 0; }
`

const SOURCES = {fexecve: FEXECVE, tell: TELL, standard: STANDARD, open: OPEN, set: SET, show: SHOW, deep: DEEP}

/** The programs, in a directory that every user may enter. */
async function programs(t: Parameters<typeof scratch>[0]): Promise<string> {
  const directory = scratch(t)
  chmodSync(directory, 0o755)
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(directory, `${name}.c`), text)
  const made = await run(directory, 'hybrid', `for i in ${Object.keys(SOURCES).join(' ')}; do gcc -o $i $i.c; done`)
  if (made.exitCode !== 0) throw new Error(made.stderr)
  return directory
}

const MODES = ['hybrid', 'emulated'] as const

const run = (directory: string, mode: (typeof MODES)[number], script: string): Promise<Result> =>
  xbuild(['run', PROFILE, '--ephemeral', '--mode', mode, '--', 'sh', '-euc', script], {cwd: directory})

const AS_OTHER = 'setpriv --reuid=1234 --regid=1234 --clear-groups'

t.test('a program is executed by a descriptor: of a file, an unlinked one, a memfd, closed by the exec or not', async t => {
  const directory = await programs(t)
  const script = `for program in ./tell /usr/bin/echo; do for what in file unlinked memory path; do for end in kept closed; do
    cp $program copy
    echo "$program $what $end: $(./fexecve ./copy $what $end name argument)"
  done; done; done`
  const wanted = ['./tell', '/usr/bin/echo'].flatMap(program =>
    ['file', 'unlinked', 'memory', 'path'].flatMap(what =>
      ['kept', 'closed'].map(end => {
        const fd = end === 'closed' ? '' : what === 'memory' ? ' 4' : ' 3'
        return `${program} ${what} ${end}: ${program === './tell' ? `name argument${fd}` : 'argument'}\n`
      }),
    ),
  )
  for (const mode of MODES) {
    const ran = await run(directory, mode, script)
    t.match(ran, {exitCode: 0, stdout: wanted.join('')}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a program that its user may execute but not read runs, and has no more descriptors than it was given', async t => {
  const directory = await programs(t)
  for (const mode of MODES) {
    const ran = await run(
      directory,
      mode,
      `cp tell copy; cp /usr/bin/echo echo; chmod 111 copy echo; ${AS_OTHER} ./copy it; ${AS_OTHER} ./echo ran`,
    )
    t.match(ran, {exitCode: 0, stdout: './copy it\nran\n'}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a program has the standard descriptors that its caller has, and no others', async t => {
  for (const mode of MODES) {
    const directory = await programs(t)
    const ran = await run(
      directory,
      mode,
      `s=./standard; exec 3<&- 4<&- 5<&- 6<&-
      $s said <&-; $s said >&-; $s said 2>&-; $s said <&- >&-; $s said <&- 2>&-; $s said >&- 2>&-; $s said <&- >&- 2>&-; $s said; cat said`,
    )
    t.match(ran, {exitCode: 0, stdout: '-oo 0 o-o 1 oo- 2 --o 0 -o- 0 o-- 1 --- 0 ooo 3 '}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a program runs with two descriptors more than it is given, and has these for itself', async t => {
  const directory = await programs(t)
  for (const mode of MODES) {
    const ran = await run(directory, mode, "exec 3<&- 4<&- 5<&- 6<&-; rm -f said; sh -c 'ulimit -n 5; exec ./standard said'; cat said")
    t.match(ran, {exitCode: 0, stdout: 'ooo 3 '}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a program has the capabilities of its file, and what it executes has not', async t => {
  const directory = await programs(t)
  for (const mode of MODES) {
    const ran = await run(
      directory,
      mode,
      `d=$(mktemp -d); chmod 755 "$d"; cp open "$d/able"; cp open "$d/plain"; echo x >"$d/secret"; chmod 0 "$d/secret"
      ./set "$d/able"; ${AS_OTHER} "$d/able" "$d/secret" "$d/plain"; ${AS_OTHER} "$d/plain" "$d/secret"`,
    )
    t.match(ran, {exitCode: 0, stdout: 'opened\nrefused\nrefused\n'}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a set-user-id program has its owner’s rights', async t => {
  const directory = await programs(t)
  for (const mode of MODES) {
    const script = `d=$(mktemp -d); chmod 755 "$d"; cp open "$d/open"; chmod 4755 "$d/open"; echo x >"$d/secret"; chmod 600 "$d/secret"
      ${AS_OTHER} "$d/open" "$d/secret"`
    const ran = await run(directory, mode, script)
    t.match(ran, {exitCode: 0, stdout: 'opened\n'}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a limit on memory that a shell sets ends no program of the build, in either mode', async t => {
  const directory = await programs(t)
  for (const mode of MODES) {
    const ran = await run(
      directory,
      mode,
      'ulimit -v 20000; ulimit -d 10000; ulimit -v; ./tell x; sh -c "exec ./tell y"; ulimit -f 1234; ulimit -f',
    )
    t.match(ran, {exitCode: 0, stdout: 'unlimited\n./tell x\n./tell y\n1234\n'}, `${mode}: ${ran.stderr}`)
  }
})

t.test('an emulated program has its own name, command, variables and file for all who look', async t => {
  const directory = await programs(t)
  for (const mode of MODES) {
    const ran = await run(directory, mode, `SHOWN=1 ./show a 'b c'; ln -sf show other; SHOWN=2 bash -c 'exec -a name ./other x'`)
    const file = join(directory, 'show')
    const stdout = `show\n./show,a,b c,\nSHOWN=1\n${file}\nagain\nother\nname,x,\nSHOWN=2\n${file}\nagain\n`
    t.match(ran, {exitCode: 0, stdout}, `${mode}: ${ran.stderr}`)
  }
})

t.test("another user's has its own name and command", async t => {
  const directory = await programs(t)
  for (const mode of MODES) {
    const ran = await run(directory, mode, `SHOWN=1 ${AS_OTHER} ./show a b`)
    t.match(ran, {exitCode: 0, stdout: /^show\n\.\/show,a,b,\nSHOWN=1\n.*\nagain\n$/}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a script has its own name where its interpreter is emulated, and its interpreter\u2019s command', async t => {
  const directory = await programs(t)
  const script = `printf '#!%s/show x\n' "$PWD" >script; chmod +x script; ./script y`
  for (const mode of MODES) {
    const ran = await run(directory, mode, script)
    const file = join(directory, 'show')
    t.match(ran, {exitCode: 0, stdout: `script\n${file},x,./script,y,\n${file}\nagain\n`}, `${mode}: ${ran.stderr}`)
  }
})

t.test('what asked for emulation is not among the variables that others see', async t => {
  const ran = await guest(`echo 'system("grep -ca XBUILD_EMULATE /proc/$$/environ; cat /proc/$$/comm")' | perl`)
  t.match(ran, {exitCode: 0, stdout: '0\nperl\n'}, ran.stderr)
})

t.test('where the kernel lets no process change what it shows, the command begins with the program', async t => {
  const directory = await programs(t)
  writeFileSync(join(directory, 'hide.c'), HIDE)
  await execa('cc', ['-static', '-o', join(directory, 'hide'), join(directory, 'hide.c')])
  const ran = await run(directory, 'hybrid', './hide ./show a')
  t.match(ran, {exitCode: 0, stdout: /^.*\n\.\/show,.*,a,\n/}, ran.stderr)
})

t.test('variables are in the order in which they were given', async t => {
  for (const mode of MODES) {
    const ran = await run(scratch(t), mode, 'cp /usr/bin/printenv . && env -i Z=1 Y=2 X=3 ./printenv')
    t.match(ran, {exitCode: 0, stdout: 'Z=1\nY=2\nX=3\n'}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a program whose stack has no limit gets more than the 8 MB that qemu takes for that', async t => {
  const directory = await programs(t)
  const ran = await run(directory, 'hybrid', 'ulimit -s unlimited; ./deep 100')
  t.match(ran, {exitCode: 0, stdout: 'deep\n'}, ran.stderr)
})
