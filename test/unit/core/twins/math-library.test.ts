import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {ProgramImage} from '../../../../lib/core/elf/image.js'
import {hostArchitecture} from '../../../../lib/core/hosts/hosts.js'
import {computeAsTarget} from '../../../../lib/core/twins/math-library.js'

const host = hostArchitecture()
const LIBRARY = `/usr/lib/${host.triple}/libm.so.6`

const FUNCTIONS = ['asin', 'atan', 'cos', 'cosh', 'exp', 'log2', 'sin', 'sinh', 'tan', 'tanh']

/** Prints a sum of many results of each function, to the last bit. */
const SOURCE = `
#include <math.h>
#include <stdio.h>
#include <string.h>
static double (*const functions[])(double) = {${FUNCTIONS.join(', ')}};
int main(void) {
  for (unsigned f = 0; f < sizeof functions / sizeof *functions; f++) {
    unsigned long sum = 0;
    for (int i = 1; i < 20000; i++) {
      double result = functions[f](i * 4.9e-5);
      unsigned long bits;
      memcpy(&bits, &result, sizeof bits);
      sum = sum * 31 + bits;
    }
    printf("%016lx\\n", sum);
  }
  return 0;
}
`

/** What it prints with another math library, and with the processor's abilities that the C library is told of. */
function results(t: Test, library: Buffer | undefined, tunables = ''): string {
  const directory = t.testdir({'a.c': SOURCE})
  const file = join(directory, 'a')
  execFileSync('cc', ['-O1', '-fno-builtin', '-o', file, join(directory, 'a.c'), '-lm'])
  if (library) writeFileSync(join(directory, 'libm.so.6'), library, {mode: 0o755})
  return execFileSync(file, {encoding: 'utf8', env: {LD_LIBRARY_PATH: library ? directory : '', GLIBC_TUNABLES: tunables}})
}

function changed(architecture: string): Buffer {
  const bytes = readFileSync(LIBRARY)
  computeAsTarget(new ProgramImage(bytes), host, architecture)
  return bytes
}

const known: {skip?: string} = existsSync(LIBRARY) ? {} : {skip: 'this machine has no math library where Debian has it'}

t.test('a target that rounds twice has the results of a processor without an instruction for both', known, async t => {
  const twice = results(t, undefined, 'glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2')
  t.equal(results(t, changed('mips64el')), twice)
  if (/\bfma\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) t.not(results(t, undefined), twice, 'which are others here')
})

t.test('for a target that has such an instruction, too, the library stays as it is', known, async t => {
  t.ok(changed('arm64').equals(readFileSync(LIBRARY)))
})

t.test('a library that asks in another way is none', async t => {
  t.throws(() => computeAsTarget(new ProgramImage(readFileSync(process.execPath)), host, 'mips64el'), /is not known/)
})
