import {type ProjectGuess, type SourceTree, thereIs} from './tree.js'

/** Debian's packages of what `build-system.requires` may name: https://peps.python.org/pep-0518/ */
const BACKENDS: Readonly<Record<string, readonly string[]>> = {
  setuptools: ['python3-setuptools'],
  'setuptools-scm': ['git', 'python3-setuptools-scm'],
  wheel: ['python3-wheel'],
  cython: ['cython3'],
  'poetry-core': ['python3-poetry-core'],
  'flit-core': ['flit'],
  hatchling: ['python3-hatchling'],
  'hatch-vcs': ['python3-hatch-vcs'],
  'meson-python': ['meson', 'python3-mesonpy'],
  cffi: ['python3-cffi'],
  numpy: ['python3-numpy'],
  pybind11: ['python3-pybind11'],
}

/** pip's own way without the network: the environment has what the build needs. */
const WHEEL = 'python3 -m pip wheel --no-build-isolation --no-deps --no-index --wheel-dir dist .'

/** Where tests find the package as it was built; pytest itself adds only the tests' directory. */
const INSTALL = 'rm -rf stage\npython3 -m pip install --no-deps --no-index --target stage dist/*.whl'

export function guessPython({texts}: SourceTree): ProjectGuess {
  const project = texts['pyproject.toml'] ?? ''
  const setup = texts['setup.py'] ?? ''
  const required = requirements(project)
  const needed = required.length > 0 ? required : ['setuptools', 'wheel']
  const isNative =
    /\bExtension\b|ext_modules|cffi_modules/.test(setup + project) ||
    needed.some(name => ['cython', 'meson-python', 'pybind11'].includes(name))
  const unknown = needed.filter(name => BACKENDS[name] === undefined)
  const pytest = /\bpytest\b/.test(project + (texts['tox.ini'] ?? '') + (texts['setup.cfg'] ?? '')) || texts['conftest.py'] !== undefined
  const packages = [
    'python3-pip',
    'python3-setuptools',
    'python3-wheel',
    ...(isNative ? ['python3-dev'] : []),
    ...needed.flatMap(name => BACKENDS[name] ?? []),
    ...(pytest ? ['python3-pytest'] : []),
  ]
  return {
    because: thereIs(project === '' ? 'setup.py' : 'pyproject.toml'),
    kind: isNative ? 'python, with C' : 'python',
    packages: [...new Set(packages)].sort(),
    steps: {
      build: `rm -rf dist\n${WHEEL}`,
      ...(pytest ? {test: `${INSTALL}\nPYTHONPATH="$PWD/stage" pytest`} : {}),
    },
    artifacts: ['dist/*.whl'],
    notes: [
      ...(unknown.length > 0 ? [`which packages have ${unknown.join(', ')} is not known: name them under "packages"`] : []),
      ...(pytest ? [] : ['pytest is not mentioned: there is no test step']),
    ],
  }
}

/** Names of `build-system.requires`, without versions, as PyPI compares them: https://peps.python.org/pep-0503/#normalized-names */
function requirements(project: string): string[] {
  const list = /^\[build-system\][^[]*?^requires\s*=\s*\[([^\]]*)\]/ms.exec(project)?.[1] ?? ''
  return [...list.matchAll(/["']([A-Za-z0-9._-]+)/g)].map(([, name = '']) => name.toLowerCase().replaceAll(/[._-]+/g, '-'))
}
