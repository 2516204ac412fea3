/** What a failed step's output says that it did not find. */
export interface Missing {
  /** In words: `the header zlib.h`. */
  what: string
  /** A path in the root that would be it: an extended regular expression for the whole of it, without the first slash. */
  path: string
}

/** A name that is to be part of a pattern. */
const literal = (text: string) => text.replaceAll(/[.+*?^${}()|[\]\\]/g, '\\$&')

/** Where programs are that are called by their names alone. */
export const programFile = (name: string) => `(usr/)?s?bin/${literal(name)}`

const program = (name: string): Missing => ({what: `the program ${name}`, path: programFile(name)})
const header = (name: string): Missing => ({what: `the header ${name}`, path: `usr/include/(.*/)?${literal(name)}`})
const pkgConfig = (name: string): Missing => ({
  what: `${name}.pc, for pkg-config`,
  path: `usr/(lib|share)/(.*/)?pkgconfig/${literal(name)}\\.pc`,
})
const library = (name: string): Missing => ({what: `the library lib${name}`, path: `usr/lib/(.*/)?lib${literal(name)}\\.(so|a)`})

function cmakePackage(name: string): Missing {
  const files = `(${literal(name)}Config|${literal(name.toLowerCase())}-config)\\.cmake`
  return {what: `the package ${name} of cmake`, path: `usr/(lib|share)/(.*/)?${files}`}
}

function pythonModule(name: string): Missing {
  const [first = ''] = name.split('.')
  return {
    what: `the module ${name} of python`,
    path: `usr/lib/python3(\\.[0-9]+)?/(dist-packages/)?${literal(first)}(/__init__\\.py|\\.py|\\..*\\.so)`,
  }
}

const perlModule = (file: string): Missing => ({
  what: `the module ${file} of perl`,
  path: `usr/(lib|share)/(.*/)?perl5?/([0-9.]+/)?${literal(file)}`,
})

/** What a name may be: it comes from what a build printed. */
const NAME = '[A-Za-z0-9][A-Za-z0-9+._-]*'
const FILE = '[A-Za-z0-9][A-Za-z0-9+._/-]*'

/** A line that says so, and what it says. First match wins. */
const SAYINGS: readonly [pattern: RegExp, missing: (name: string) => Missing][] = [
  // dash, bash, make, env, and configure's own words, which missing(1) of automake has too
  [new RegExp(`(?:^|[ /])sh: (?:\\d+|line \\d+): (${NAME}): not found`), program],
  [new RegExp(`: (?:line )?\\d+: (${NAME}): (?:command )?not found`), program],
  [new RegExp(`: (${NAME}): command not found`), program],
  [new RegExp(`^make(?:\\[\\d+\\])?: (${NAME}): No such file or directory`), program],
  [new RegExp(`\\benv: [‘'"]?(${NAME})[’'"]?: No such file or directory`), program],
  [new RegExp(`WARNING: [‘'"]?(${NAME})[’'"]? is missing on your system`), program],
  [new RegExp(`Can't exec "(${NAME})"`), program],
  [new RegExp(`Program [‘'"]?(${NAME})[’'"]? not found or not executable`), program],
  // gcc, clang
  [new RegExp(`fatal error: [‘'"]?(${FILE})[’'"]?(?: file not found|: No such file or directory)`), header],
  // ld
  [new RegExp(`cannot find -l(${NAME})`), library],
  // pkg-config, pkgconf, meson
  [new RegExp(`No package '(${NAME})' found`), pkgConfig],
  [new RegExp(`Package (${NAME}) was not found in the pkg-config search path`), pkgConfig],
  [new RegExp(`ERROR: Dependency "(${NAME})" not found`), pkgConfig],
  // cmake
  [
    new RegExp(`(?:By not providing "Find|Could not find a package configuration file provided by ")(${NAME}?)(?:\\.cmake)?"`),
    cmakePackage,
  ],
  [new RegExp(`Could NOT find (${NAME}) \\(missing`), cmakePackage],
  // python, perl
  [new RegExp(`ModuleNotFoundError: No module named '(${NAME})'`), pythonModule],
  [new RegExp(`Can't locate (${FILE}\\.pm) in @INC`), perlModule],
]

/** Macros that autoconf did not expand are of a package that is not there: who has them is known. */
const MACROS = /possibly undefined macro: (AC_PROG_LIBTOOL|LT_INIT|AM_GNU_GETTEXT|PKG_CHECK_MODULES|AX_[A-Z_]+)/
const MACRO_FILES: Readonly<Record<string, string>> = {
  AC_PROG_LIBTOOL: 'libtool.m4',
  LT_INIT: 'libtool.m4',
  AM_GNU_GETTEXT: 'gettext.m4',
  PKG_CHECK_MODULES: 'pkg.m4',
}

function undefinedMacro(line: string): Missing | undefined {
  const name = MACROS.exec(line)?.[1]
  if (name === undefined) return undefined
  const file = MACRO_FILES[name] ?? `${name.toLowerCase()}.m4`
  return {what: `the macro ${name} of autoconf`, path: `usr/share/aclocal/${literal(file)}`}
}

function missingIn(line: string): Missing | undefined {
  for (const [pattern, missing] of SAYINGS) {
    const name = pattern.exec(line)?.[1]
    if (name !== undefined) return missing(name)
  }
  return undefinedMacro(line)
}

/** So many at most: the first are what stopped it, or nearly so. */
const MOST = 3

/** What the last lines of a step's output say that was not found: the latest first. */
export function findMissing(lines: readonly string[]): Missing[] {
  const found = lines.flatMap(line => missingIn(line) ?? []).reverse()
  return [...new Map(found.map(missing => [missing.path, missing])).values()].slice(0, MOST)
}
