import {buildDependencies, builtPackages} from '../../debian/control.js'
import {once, type ProjectGuess, type SourceTree, STAGE, STAGED, thereIs} from './tree.js'

export function guessDebian({texts}: SourceTree): ProjectGuess {
  const control = texts['debian/control'] ?? ''
  const built = builtPackages(control)
  const option = {any: '-B', all: '-b'}[built]
  return {
    because: thereIs('debian/control'),
    kind: 'Debian package',
    packages: buildDependencies(control, built),
    steps: {build: `dpkg-buildpackage ${option} -uc -us -j$XBUILD_JOBS\nmkdir -p packages\nmv ../*.deb packages`},
    artifacts: ['packages/*.deb'],
    notes: [
      "dpkg-buildpackage runs the package's tests",
      ...(built === 'any' && /^Architecture:\s*all\s*$/m.test(control)
        ? ['packages for all architectures are left out (-B): they are the same for each']
        : []),
    ],
  }
}

export function guessCargo({texts}: SourceTree): ProjectGuess {
  const manifest = texts['Cargo.toml'] ?? ''
  const name = /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/ms.exec(manifest)?.[1]
  const isProgram = texts['src/main.rs'] !== undefined
  return {
    because: thereIs('Cargo.toml'),
    kind: 'cargo',
    packages: ['cargo'],
    steps: {build: 'cargo build --release --jobs $XBUILD_JOBS', test: 'cargo test --release --jobs $XBUILD_JOBS'},
    artifacts: name === undefined || !isProgram ? [] : [`target/release/${name}`],
    notes: [
      'rustc has no twin: it runs emulated',
      ...cargoAges(manifest, texts['Cargo.lock'] ?? ''),
      ...(name === undefined || !isProgram ? ['name the files to keep under "artifacts"'] : []),
    ],
  }
}

/** What a suite's cargo may be too old for: https://doc.rust-lang.org/edition-guide/rust-2024, cargo's CHANGELOG. */
const cargoAges = (manifest: string, lock: string): string[] => [
  ...(/^edition\s*=\s*"2024"/m.test(manifest) ? ['edition 2024 needs cargo 1.85: Debian 13 has it, Debian 12 has 1.65'] : []),
  ...(/^version\s*=\s*4\s*$/m.test(lock) ? ['a Cargo.lock of version 4 needs cargo 1.78: Debian 13 has it, Debian 12 has 1.65'] : []),
]

export function guessGo({texts}: SourceTree): ProjectGuess {
  const programs = Object.entries(texts).filter(
    ([path, text]) => /\.go$/.test(path) && !/_test\.go$/.test(path) && /^package main\b/m.test(text),
  )
  const build = programs.length > 0 ? `mkdir -p ${STAGE}\ngo build -o ${STAGE}/ -p $XBUILD_JOBS ./...` : 'go build -p $XBUILD_JOBS ./...'
  const needed = /^go\s+(\d+\.\d+)/m.exec(texts['go.mod'] ?? '')?.[1]
  return {
    because: thereIs('go.mod'),
    kind: 'go',
    packages: ['golang-go', 'ca-certificates'],
    steps: {build, test: 'go test -p $XBUILD_JOBS ./...'},
    artifacts: programs.length > 0 ? STAGED : [],
    notes: [
      'go has no twin: it runs emulated',
      ...(programs.length > 0 ? [] : ['no package main: a library, of which nothing is kept']),
      ...(needed !== undefined && Number(needed.split('.')[1]) > 19
        ? [`go.mod asks for go ${needed}: Debian 13 has 1.24, Debian 12 has 1.19`]
        : []),
    ],
  }
}

export function guessPerl(): ProjectGuess {
  return {
    because: thereIs('Makefile.PL'),
    kind: 'perl',
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

export function guessNode({texts}: SourceTree): ProjectGuess {
  const load = 'for module in build/Release/*.node; do node -e "require(process.argv[1])" "$PWD/$module"; done'
  return {
    because: thereIs('binding.gyp'),
    kind: 'node-gyp',
    packages: ['libnode-dev', 'node-gyp', 'nodejs', ...(/napi|node-addon-api/.test(texts['binding.gyp'] ?? '') ? ['node-addon-api'] : [])],
    steps: {build: 'node-gyp rebuild --jobs=$XBUILD_JOBS', test: load},
    artifacts: ['build/Release/*.node'],
    notes: ['node runs emulated', 'the test step loads the module: "npm test" would need packages from npm'],
  }
}
