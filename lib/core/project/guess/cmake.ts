import {type GuessedStep, type ProjectGuess, type SourceTree, STAGE, STAGED, says, thereIs} from './tree.js'

/** A directory of the target's own: one that the user made for this machine would be taken up. */
export const BUILD = 'build-$XBUILD_TARGET'

/** Packages that a `find_package(… REQUIRED)` needs, of those that many ask for. */
const FOUND: Readonly<Record<string, string>> = {
  PkgConfig: 'pkgconf',
  ZLIB: 'zlib1g-dev',
  OpenSSL: 'libssl-dev',
  CURL: 'libcurl4-openssl-dev',
  PNG: 'libpng-dev',
  JPEG: 'libjpeg-dev',
  EXPAT: 'libexpat1-dev',
  LibXml2: 'libxml2-dev',
  BZip2: 'libbz2-dev',
  LibLZMA: 'liblzma-dev',
  GTest: 'libgtest-dev',
  BISON: 'bison',
  FLEX: 'flex',
  Perl: 'perl',
  Python3: 'python3',
  Git: 'git',
}

export function guessCmake({texts}: SourceTree): ProjectGuess {
  const text = texts['CMakeLists.txt'] ?? ''
  const tests = /\b(enable_testing|add_test)\s*\(|\binclude\s*\(\s*CTest\s*\)/i.test(text)
  const installs = /\binstall\s*\(/i.test(text)
  const setsType = /\bset\s*\(\s*CMAKE_BUILD_TYPE\b/i.test(text)
  const configure: GuessedStep = {
    run: `cmake -S . -B ${BUILD}${setsType ? '' : ' -DCMAKE_BUILD_TYPE=Release'}`,
    inputs: ['CMakeLists.txt', 'CMake*Presets.json', '*.cmake', '*.in'],
  }
  return {
    because: thereIs('CMakeLists.txt'),
    kind: 'cmake',
    packages: ['cmake', ...requiredPackages(text)],
    steps: {
      configure,
      build: `cmake --build ${BUILD} --parallel $XBUILD_JOBS`,
      ...(tests ? {test: `ctest --test-dir ${BUILD} --output-on-failure`} : {}),
      ...(installs ? {install: `rm -rf ${STAGE}\nDESTDIR="$PWD/${STAGE}" cmake --install ${BUILD}`} : {}),
    },
    artifacts: installs ? STAGED : [],
    notes: [
      ...(setsType ? [] : ['the build type is Release: CMakeLists.txt sets none, and without one nothing is optimised']),
      ...(installs ? [] : ['nothing is installed: name the files to keep under "artifacts"']),
    ],
  }
}

function requiredPackages(text: string): string[] {
  const required = [...text.matchAll(/^\s*find_package\s*\(\s*(\w+)\b([^)]*)\)/gim)].flatMap(([, name = '', rest = '']) =>
    /\bREQUIRED\b/.test(rest) ? (FOUND[name] ?? []) : [],
  )
  return [...new Set([...required, ...(/\bpkg_check_modules\b/i.test(text) ? ['pkgconf'] : [])])]
}

export function guessMeson({texts}: SourceTree): ProjectGuess {
  return {
    because: thereIs('meson.build'),
    kind: 'meson',
    packages: ['meson', ...(says(texts['meson.build'], /\bdependency\s*\(/) ? ['pkgconf'] : [])],
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
