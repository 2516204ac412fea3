import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {hostArchitecture} from '../../../../lib/core/hosts/hosts.js'
import * as rules from '../../../../lib/core/twins/machine-name.js'

const host = hostArchitecture()
const withMachineName = (library: Buffer, machine: string) => rules.withMachineName(library, machine, host)
const namesMachine = (library: Buffer, machine: string) => rules.namesMachine(library, machine, host)

const LIBRARY = `/usr/lib/${hostArchitecture().triple}/libc.so.6`

const named = (machine: string) => (existsSync(LIBRARY) ? withMachineName(readFileSync(LIBRARY), machine) : undefined)
const known: {skip?: string} = named('mips64') ? {} : {skip: "this machine's C library is none whose uname() is known"}

/** Runs a program with another C library. */
function runWith(t: {testdir: () => string}, library: Buffer | undefined, program: string, args: string[]): string {
  const directory = t.testdir()
  writeFileSync(join(directory, 'libc.so.6'), library as Buffer, {mode: 0o755})
  return execFileSync(program, args, {encoding: 'utf8', env: {...process.env, LD_LIBRARY_PATH: directory}})
}

t.test('programs are told the machine, and all else as it is', known, async t => {
  const plain = execFileSync('uname', ['-s', '-n', '-r', '-v', '-o'], {encoding: 'utf8'})
  t.equal(runWith(t, named('ppc64le'), 'uname', ['-m']), 'ppc64le\n')
  t.equal(runWith(t, named('ppc64le'), 'uname', ['-s', '-n', '-r', '-v', '-o']), plain)
})

t.test('what cannot be written to is an error, as before', known, async t => {
  const directory = t.testdir({
    'a.c':
      '#include <errno.h>\n#include <stdio.h>\n#include <sys/utsname.h>\nint main(void) { int n = uname((void *)1); return printf("%d %d\\n", n, errno == EFAULT) < 0; }\n',
  })
  execFileSync('cc', ['-w', '-o', join(directory, 'a'), join(directory, 'a.c')])
  t.equal(runWith({testdir: () => directory}, named('s390x'), join(directory, 'a'), []), '-1 1\n')
})

t.test('a library knows which machine it names', known, async t => {
  const library = named('mips64') as Buffer
  t.ok(namesMachine(library, 'mips64'))
  t.notOk(namesMachine(library, 'mips'))
  t.notOk(namesMachine(readFileSync(LIBRARY), 'mips64'))
})

t.test('what is named already, a name that is too long, and files that are no C library are left alone', async t => {
  if (!known.skip) {
    t.equal(withMachineName(named('mips64') as Buffer, 'mips'), undefined)
    t.equal(named('loongarch64'), undefined)
  }
  for (const bytes of [Buffer.alloc(0), Buffer.from('no ELF'), readFileSync(process.execPath)]) {
    t.equal(withMachineName(bytes, 'mips64'), undefined)
    t.notOk(namesMachine(bytes, 'mips64'))
  }
})
