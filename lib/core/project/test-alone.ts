import {basename, dirname} from 'node:path'
import {quoteWord} from '../shell-words.js'
import type {TestCase} from './tests.js'

/**
 * A script for sh, begun in the tree, that runs a test alone, or with those that its program runs with it; undefined where
 * nobody knows how. What the step gave its test program besides is not known.
 */
export function scriptAlone({origin, suite, name}: TestCase): string | undefined {
  switch (origin.kind) {
    case 'automake':
      return automakeAlone(origin.file)
    case 'dejagnu':
      return suite === '' ? undefined : dejagnuAlone(origin.file, suite)
    case 'ctest':
      return origin.directory === undefined ? undefined : ctestAlone(origin.directory, name)
    case 'meson':
      return origin.directory === undefined ? undefined : mesonAlone(origin.directory, name)
    case 'prove':
      return proveAlone(name)
    case 'pytest':
      return origin.id === undefined ? undefined : pytestAlone(origin.id)
    case 'go':
      return origin.package === undefined ? undefined : goAlone(origin.package, name)
    case 'tap':
    case 'cargo':
    case 'gtest':
    case 'catch2':
    case 'mocha':
      return undefined
  }
}

/** With its name, also where it passes. https://docs.pytest.org/en/stable/how-to/usage.html */
const pytestAlone = (id: string) => `python3 -m pytest -v ${quoteWord(id.replace(/^-/, './-'))}`

/** "go help testflag": -run takes a pattern for each level of a name. -count=1: not what the cache has of it. */
const goAlone = (path: string, name: string) =>
  `go test -count=1 -v -run ${quoteWord(
    name
      .split('/')
      .map(level => `^${level.replace(/[.^$*+?()[\]{}|\\]/g, '\\$&')}$`)
      .join('/'),
  )} ${quoteWord(path.replace(/^-/, './-'))}`

/** To the Makefile that has a rule: the next one upward, since names of tests may have directories. */
const toMakefileWith = (rule: string, directory: string) => `top=$PWD
cd ${quoteWord(directory)}
until grep -qs '^${rule}:' Makefile; do
	[ "$PWD" != "$top" ]
	cd ..
done`

/**
 * Automake's manual, "Parallel Test Harness": `TEST_LOGS` may be set to a subset, relative to the Makefile. `check-TESTS`
 * is what `check` comes down to, without the directories below.
 */
const automakeAlone = (file: string) => `log=${quoteWord(file.replace(/\.trs$/, '.log'))}
${toMakefileWith('check-TESTS', dirname(file))}
below=\${PWD#"$top"}/
make check-TESTS TEST_LOGS="\${log#"\${below#/}"}"`

/** DejaGnu's manual, "Running a single test"; Automake's, "DejaGnu Tests". */
const dejagnuAlone = (file: string, script: string) => `${toMakefileWith('check-DEJAGNU', dirname(file))}
make check-DEJAGNU RUNTESTFLAGS=${quoteWord(basename(script))}`

/** man 1 ctest; characters that mean something in a pattern: man 7 cmake-commands, string, "Regex Specification". */
const ctestAlone = (directory: string, name: string) => `cd ${quoteWord(directory)}
ctest --output-on-failure --no-tests=error -R ${quoteWord(`^${name.replace(/[.^$*+?()[\]\\|]/g, '\\$&')}$`)}`

/** Printed as `project:suite / name` where there are several suites, and asked for as `project:name`. */
const mesonAlone = (directory: string, name: string) =>
  `meson test -C ${quoteWord(directory)} --print-errorlogs ${quoteWord(name.replace(/^([^:/ ]+)(:\S+)? \/ /, '$1:'))}`

/** As `make test` of a perl module does it, where there is something built, else with the sources. */
const proveAlone = (file: string) => `if [ -d blib ]; then how=-b; else how=-l; fi
prove "$how" ${quoteWord(file)}`
