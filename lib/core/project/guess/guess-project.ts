import {guessAutoconf, guessConfigure} from './autotools.js'
import {guessCmake, guessMeson} from './cmake.js'
import {guessCargo, guessDebian, guessGo, guessNode, guessPerl} from './languages.js'
import {guessLone, SOURCES} from './lone.js'
import {guessMake, MAKEFILES} from './make.js'
import {guessPython} from './python.js'
import type {Guess, ProjectGuess, SourceTree} from './tree.js'

/** The first that is there counts: a Debian source package also has what its upstream brings. */
const WAYS: readonly [file: string, guess: Guess][] = [
  ['debian/control', guessDebian],
  ['configure', guessConfigure],
  ['CMakeLists.txt', guessCmake],
  ['meson.build', tree => (/\bmesonpy\b/.test(tree.texts['pyproject.toml'] ?? '') ? guessPython(tree) : guessMeson(tree))],
  ['configure.ac', guessAutoconf],
  ['configure.in', guessAutoconf],
  ['Cargo.toml', guessCargo],
  ['go.mod', guessGo],
  ['binding.gyp', guessNode],
  ['setup.py', guessPython],
  ['pyproject.toml', tree => (/^\[build-system\]/m.test(tree.texts['pyproject.toml'] ?? '') ? guessPython(tree) : undefined)],
  ['Makefile.PL', guessPerl],
  ...MAKEFILES.map((file): [string, Guess] => [file, guessMake]),
]

/** The files that say how a tree is built. */
export const TELLING_FILES = WAYS.map(([file]) => file)

/** The files whose texts are looked at besides. */
export const MORE_FILES = [
  ...['autogen.sh', 'bootstrap', 'bootstrap.sh', 'buildconf', 'Makefile.in', 'Makefile.am', 'acinclude.m4', 'aclocal.m4'],
  ...['Cargo.lock', 'src/main.rs', 'setup.cfg', 'tox.ini', 'conftest.py', 'package.json'],
]

/** Of other files in the directory itself, those whose texts are looked at. */
export const isSource = (name: string) => SOURCES.test(name)

export function guessProject(tree: SourceTree): ProjectGuess | undefined {
  for (const [file, guess] of WAYS) {
    const found = tree.texts[file] === undefined ? undefined : guess(tree)
    if (found) return found
  }
  return guessLone(tree)
}
