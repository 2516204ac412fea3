import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** A project of so many files of C++, with a configure that knows nothing of a farm. Columns are what debug information loses where sources come preprocessed. */
export function writeProject(directory: string, files: number): void {
  const names = Array.from({length: files}, (_, i) => `part${i}`)
  for (const [i, name] of names.entries()) {
    writeFileSync(
      join(directory, `${name}.cc`),
      `#include ${['<vector>', '<string>', '<map>', '<algorithm>'][i % 4]}
#include <cstdio>
template <int N> struct Sum { static int of(int x) { return x * N + Sum<N - 1>::of(x + N); } };
template <> struct Sum<0> { static int of(int x) { return x; } };
int ${name}(int x) { std::printf("%s %d\\n", __FILE__, x); return Sum<${50 + i}>::of(x); }
`,
    )
  }
  writeFileSync(
    join(directory, 'main.cc'),
    `${names.map(name => `int ${name}(int);`).join('\n')}\nint main() { return (${names.map(name => `${name}(1)`).join(' + ')}) == 0; }\n`,
  )
  writeFileSync(
    join(directory, 'configure'),
    `#!/bin/sh -e
echo 'int main() { return 0; }' >conftest.cc
\${CXX:-g++} -o conftest conftest.cc && ./conftest
echo "CXX = \${CXX:-g++}" >config.mk
`,
    {mode: 0o755},
  )
  writeFileSync(
    join(directory, 'Makefile'),
    `include config.mk
OBJECTS = main.o ${names.map(name => `${name}.o`).join(' ')}
program: $(OBJECTS)
\t$(CXX) -o $@ $(OBJECTS)
%.o: %.cc
\t$(CXX) -O2 -g -gno-column-info -Wall -c -o $@ $<
clean:
\trm -f *.o program
`,
  )
}

/** The sums of all object files, and of the program, by name. */
export const sumsIn = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .filter(name => /\.o$|^program$/.test(name))
      .sort()
      .map(name => [
        name,
        createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex'),
      ]),
  )
