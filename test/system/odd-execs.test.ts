import {chmodSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {PROFILE, type Result, scratch, xbuild} from './rig.js'

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

/** The programs, in a directory that every user may enter. */
async function programs(t: Parameters<typeof scratch>[0]): Promise<string> {
  const directory = scratch(t)
  chmodSync(directory, 0o755)
  for (const [name, text] of Object.entries({fexecve: FEXECVE, tell: TELL, open: OPEN, set: SET}))
    writeFileSync(join(directory, `${name}.c`), text)
  const made = await run(directory, 'hybrid', 'for i in fexecve tell open set; do gcc -o $i $i.c; done')
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
