import type {ProjectGuess, SourceTree} from './tree.js'

export const SOURCES = /\.(c|cc|cpp|cxx)$/

const MAIN = /\bmain\s*\(/

const stem = (name: string) => name.replace(/\.[^.]+$/, '')

/** Sources in the directory itself, and nothing that says how they are built: the one with main, with all others; or each. */
export function guessLone({texts}: SourceTree): ProjectGuess | undefined {
  const sources = Object.keys(texts).filter(name => !name.includes('/') && SOURCES.test(name))
  const programs = sources.filter(name => MAIN.test(texts[name] ?? ''))
  const [first] = programs
  if (first === undefined) return undefined
  const parts = programs.length === 1 ? sources : []
  const builds = programs.map(name => buildLine(name, programs.length === 1 ? parts : [name]))
  return {
    because:
      programs.length === 1 ? `${first} has a main, and nothing else tells how it is built` : `${programs.join(', ')} have a main each`,
    kind: parts.length > 1 ? 'sources' : 'a lone source',
    packages: [],
    steps: {build: builds.join('\n'), ...(programs.length === 1 ? {test: {run: `./${stem(first)}`, timeout: '1m'}} : {})},
    artifacts: programs.map(stem),
    notes: ['a Makefile, or CMakeLists.txt, would tell more'],
  }
}

function buildLine(program: string, sources: readonly string[]): string {
  const isPlain = sources.every(name => name.endsWith('.c'))
  return `${isPlain ? 'cc' : 'c++'} -O2 -g -o ${stem(program)} ${sources.join(' ')}`
}
