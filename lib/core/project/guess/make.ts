import {type ProjectGuess, type SourceTree, STAGE, STAGED, says, thereIs} from './tree.js'

/** In the order in which GNU make looks. */
export const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile']

const hasTarget = (makefile: string | undefined, target: string) => says(makefile, new RegExp(`^${target}( [\\w-]+)*\\s*:(?!=)`, 'm'))

/** By which names makefiles call the rule that runs their tests. */
const TESTS = ['check', 'test', 'tests']

/** With what `make` of this tree can do besides building. */
export function makeSteps(makefile: string | undefined, automake: boolean): Pick<ProjectGuess, 'artifacts' | 'steps' | 'notes'> {
  const test = automake ? 'check' : TESTS.find(name => hasTarget(makefile, name))
  const staging = automake ? 'DESTDIR' : stagingOf(makefile)
  return {
    steps: {
      build: 'make -j$XBUILD_JOBS',
      ...(test === undefined ? {} : {test: `make ${test}`}),
      ...(staging === undefined ? {} : {install: `rm -rf ${STAGE}\nmake install ${staging}="$PWD/${STAGE}"`}),
    },
    artifacts: staging === undefined ? [] : STAGED,
    notes: [
      ...(test === undefined ? ['no "check" or "test" in the Makefile: there is no test step'] : []),
      ...(staging === undefined ? ['no "install" with DESTDIR or PREFIX in the Makefile: name the files to keep under "artifacts"'] : []),
    ],
  }
}

/** The variable that leads `make install` elsewhere. A DESTDIR that the makefile sets itself is something else to it. */
function stagingOf(makefile: string | undefined): string | undefined {
  if (!hasTarget(makefile, 'install')) return undefined
  if (says(makefile, /\$[({]DESTDIR[)}]/) && !says(makefile, /^\s*DESTDIR\s*[:?]?=\s*\S/m)) return 'DESTDIR'
  return ['PREFIX', 'prefix'].find(name => says(makefile, new RegExp(`^\\s*${name}\\s*[:?]?=`, 'm')))
}

export function guessMake({texts}: SourceTree): ProjectGuess {
  const file = MAKEFILES.find(name => texts[name] !== undefined) as string
  return {because: thereIs(file), kind: 'make', packages: [], ...makeSteps(texts[file], false)}
}
