import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Nothing is run: a linker has to find all of it. */
const MAIN = `#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(void) { return LLVMFuzzerTestOneInput((const uint8_t *)"", 0); }
`

/** As test/fuzz/run compiles them, with a compiler that every machine has that builds xbuild-env. */
const FUZZERS = {table: ['shims/activator/table.c'], arguments: ['shims/activator/table.c'], plan: ['shims/activator/table.c'], trace: []}

t.test('the fuzzers fit what they fuzz', async t => {
  const main = join(t.testdir({}), 'main.c')
  writeFileSync(main, MAIN)
  for (const [name, sources] of Object.entries(FUZZERS)) {
    const program = join(t.testdirName, name)
    const files = [main, `test/fuzz/${name}.c`, ...sources]
    const built = spawnSync('cc', ['-std=gnu11', '-w', '-Ishims', '-Ishims/activator', '-o', program, ...files], {cwd: ROOT})
    t.equal(built.stderr.toString(), '', name)
  }
})
