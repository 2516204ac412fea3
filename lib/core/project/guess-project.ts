import {buildDependencies} from '../debian/control.js'

/** What is known of a source tree: the text of each file that may tell something, by its name. */
export type TellingTexts = Readonly<Record<string, string>>

/** Steps, packages and artifacts that fit a tree, and what tells so. */
export interface ProjectGuess {
  because: string
  packages: readonly string[]
  steps: Readonly<Record<string, GuessedStep>>
  artifacts: readonly string[]
  /** What the user should know, or may want to change. */
  notes: readonly string[]
}

/** As in a configuration. */
export type GuessedStep = string | {run: string; inputs: readonly string[]}

type Guess = (texts: TellingTexts) => ProjectGuess

/** The first that is there counts: a Debian source package also has what its upstream brings. */
const WAYS: readonly [file: string, guess: Guess][] = [
  ['debian/control', guessDebian],
  ['configure', guessConfigure],
  ['CMakeLists.txt', guessCmake],
  ['meson.build', guessMeson],
  ['configure.ac', guessAutoconf],
  ['Cargo.toml', guessCargo],
  ['go.mod', guessGo],
  ['Makefile.PL', guessPerl],
  // In the order in which GNU make looks.
  ['GNUmakefile', guessMake],
  ['makefile', guessMake],
  ['Makefile', guessMake],
]

/** The files whose texts are looked at. */
export const PROJECT_FILES = [...WAYS.map(([file]) => file), 'autogen.sh', 'bootstrap', 'Makefile.in', 'Makefile.am']

export function guessProject(texts: TellingTexts): ProjectGuess | undefined {
  const way = WAYS.find(([file]) => texts[file] !== undefined)
  return way?.[1](texts)
}

/** Where `make install` puts what was built; the patterns take all of it. */
const STAGE = 'stage'
const STAGED = [`${STAGE}/**`]

/** Anew where the script is newer, or nothing was configured for this target: configuring takes longer than all else. */
const once = (script: string, newerThan: string): GuessedStep => {
  const done = '.configured-$XBUILD_TARGET'
  const run = `if [ ! ${done} -nt ${newerThan} ]; then\n  ${script.replaceAll('\n', '\n  ')}\n  touch ${done}\nfi`
  return {run, inputs: [`/${newerThan}`]}
}

const hasTarget = (makefile: string | undefined, target: string) => new RegExp(`^${target}( [\\w-]+)*\\s*:(?!=)`, 'm').test(makefile ?? '')

/** With what `make` of this tree can do besides building. */
function makeSteps(makefile: string | undefined, automake: boolean): Pick<ProjectGuess, 'artifacts' | 'steps' | 'notes'> {
  const test = automake || hasTarget(makefile, 'check') ? 'check' : hasTarget(makefile, 'test') ? 'test' : undefined
  const installs = automake || (hasTarget(makefile, 'install') && /DESTDIR/.test(makefile ?? ''))
  return {
    steps: {
      build: 'make -j$XBUILD_JOBS',
      ...(test === undefined ? {} : {test: `make ${test}`}),
      ...(installs ? {install: `rm -rf ${STAGE}\nmake install DESTDIR="$PWD/${STAGE}"`} : {}),
    },
    artifacts: installs ? STAGED : [],
    notes: [
      ...(test === undefined ? ['no "check" or "test" in the Makefile: there is no test step'] : []),
      ...(installs ? [] : ['no "install" with DESTDIR in the Makefile: name the files to keep under "artifacts"']),
    ],
  }
}

function guessConfigure(texts: TellingTexts): ProjectGuess {
  const automake = /automake/.test(texts['Makefile.in'] ?? '')
  const {steps, ...rest} = makeSteps(texts['Makefile.in'], automake)
  return {because: 'there is a configure', packages: [], steps: {configure: once('./configure', 'configure'), ...steps}, ...rest}
}

/** Packages that a macro of configure.ac needs. */
const MACROS: readonly [macro: RegExp, packages: readonly string[]][] = [
  [/\bAM_INIT_AUTOMAKE\b/, ['automake']],
  [/\b(LT_INIT|A[CM]_PROG_LIBTOOL)\b/, ['libtool']],
  [/\bAM_GNU_GETTEXT\b/, ['autopoint', 'gettext']],
  [/\bPKG_(CHECK_MODULES|PROG_PKG_CONFIG)\b/, ['pkgconf']],
]

function guessAutoconf(texts: TellingTexts): ProjectGuess {
  const macros = texts['configure.ac'] ?? ''
  const script = ['autogen.sh', 'bootstrap'].find(name => texts[name] !== undefined)
  const prepare = script === undefined ? 'autoreconf -fi' : `./${script}`
  const {steps, ...rest} = makeSteps(texts['Makefile.in'], /\bAM_INIT_AUTOMAKE\b/.test(macros))
  const configure = once(`${script === 'autogen.sh' ? `NOCONFIGURE=1 ${prepare}` : prepare}\n./configure`, 'configure.ac')
  return {
    because: script === undefined ? 'there is a configure.ac, and no configure' : `there is a ${script}, and no configure`,
    packages: ['autoconf', ...MACROS.flatMap(([macro, packages]) => (macro.test(macros) ? packages : []))],
    steps: {configure, ...steps},
    ...rest,
  }
}

/** A directory of the target's own: one that the user made for this machine would be taken up. */
const BUILD = 'build-$XBUILD_TARGET'

function guessCmake(texts: TellingTexts): ProjectGuess {
  const text = texts['CMakeLists.txt'] ?? ''
  const tests = /\b(enable_testing|add_test)\s*\(|\binclude\s*\(\s*CTest\s*\)/i.test(text)
  const installs = /\binstall\s*\(/i.test(text)
  return {
    because: 'there is a CMakeLists.txt',
    packages: ['cmake', ...(/\bpkg_check_modules\b|PkgConfig/i.test(text) ? ['pkgconf'] : [])],
    steps: {
      configure: {run: `cmake -S . -B ${BUILD}`, inputs: ['CMakeLists.txt', 'CMake*Presets.json', '*.cmake', '*.in']},
      build: `cmake --build ${BUILD} --parallel $XBUILD_JOBS`,
      ...(tests ? {test: `ctest --test-dir ${BUILD} --output-on-failure`} : {}),
      ...(installs ? {install: `rm -rf ${STAGE}\nDESTDIR="$PWD/${STAGE}" cmake --install ${BUILD}`} : {}),
    },
    artifacts: installs ? STAGED : [],
    notes: installs ? [] : ['nothing is installed: name the files to keep under "artifacts"'],
  }
}

function guessMeson(texts: TellingTexts): ProjectGuess {
  const text = texts['meson.build'] ?? ''
  return {
    because: 'there is a meson.build',
    packages: ['meson', ...(/\bdependency\s*\(/.test(text) ? ['pkgconf'] : [])],
    steps: {
      configure: {run: `[ -e ${BUILD}/build.ninja ] || meson setup ${BUILD}`, inputs: ['/meson.build']}, // ninja sets it up again
      build: `meson compile -C ${BUILD} -j $XBUILD_JOBS`,
      test: `meson test -C ${BUILD} --print-errorlogs`,
      install: `rm -rf ${STAGE}\nmeson install -C ${BUILD} --destdir "$PWD/${STAGE}"`,
    },
    artifacts: STAGED,
    notes: [],
  }
}

function guessDebian(texts: TellingTexts): ProjectGuess {
  return {
    because: 'there is a debian/control',
    packages: buildDependencies(texts['debian/control'] ?? ''),
    steps: {build: 'dpkg-buildpackage -b -uc -us -j$XBUILD_JOBS\nmkdir -p packages\nmv ../*.deb packages'},
    artifacts: ['packages/*.deb'],
    notes: ["dpkg-buildpackage runs the package's tests"],
  }
}

function guessCargo(texts: TellingTexts): ProjectGuess {
  const name = /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/ms.exec(texts['Cargo.toml'] ?? '')?.[1]
  return {
    because: 'there is a Cargo.toml',
    packages: ['cargo'],
    steps: {build: 'cargo build --release --jobs $XBUILD_JOBS', test: 'cargo test --release --jobs $XBUILD_JOBS'},
    artifacts: name === undefined ? [] : [`target/release/${name}`],
    notes: ['rustc has no twin: it runs emulated', ...(name === undefined ? ['name the files to keep under "artifacts"'] : [])],
  }
}

function guessGo(): ProjectGuess {
  return {
    because: 'there is a go.mod',
    packages: ['golang-go', 'ca-certificates'],
    steps: {build: `mkdir -p ${STAGE}\ngo build -o ${STAGE}/ -p $XBUILD_JOBS ./...`, test: 'go test -p $XBUILD_JOBS ./...'},
    artifacts: STAGED,
    notes: ['go has no twin: it runs emulated'],
  }
}

function guessPerl(): ProjectGuess {
  return {
    because: 'there is a Makefile.PL',
    packages: [],
    steps: {
      configure: once('perl Makefile.PL', 'Makefile.PL'),
      build: 'make -j$XBUILD_JOBS',
      test: 'make test',
      install: `rm -rf ${STAGE}\nmake install DESTDIR="$PWD/${STAGE}"`,
    },
    artifacts: STAGED,
    notes: [],
  }
}

function guessMake(texts: TellingTexts): ProjectGuess {
  const file = ['GNUmakefile', 'makefile', 'Makefile'].find(name => texts[name] !== undefined) as string
  return {because: `there is a ${file}`, packages: [], ...makeSteps(texts[file], false)}
}
