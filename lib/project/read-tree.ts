import {constants, type Dirent, lstatSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {guessProject, isSource, MORE_FILES, TELLING_FILES} from '../core/project/guess/guess-project.js'
import type {ProjectGuess, SourceTree} from '../core/project/guess/tree.js'
import {readFileIfThere} from '../host/files.js'

/** So many files of one language are looked at, to find a program among them. */
const MOST_FILES = 500

/** Directories below the tree that are looked into, so deep. */
const DEPTH = 3

/** They hold what others made, or what came of builds. */
const PASSED_OVER = /^(\..*|node_modules|vendor|third[_-]?party|build.*|out|stage|dist|target|debian|tests?|examples?|docs?)$/i

/** A file may be anything: of a directory or a broken link of that name nothing is known. */
const textOf = (directory: string, name: string) => readFileIfThere(join(directory, name)).catch(() => undefined)

/** What is known of the tree in a directory. */
export async function readTree(directory: string): Promise<SourceTree> {
  const entries = entriesOf(directory)
  const sources = entries.filter(entry => entry.isFile() && isSource(entry.name)).map(({name}) => name)
  const names = [...TELLING_FILES, ...MORE_FILES, ...sources.slice(0, MOST_FILES)]
  const more = entries.some(({name}) => name === 'go.mod') ? goFiles(directory) : []
  const texts = await Promise.all([...names, ...more].map(async name => [name, await textOf(directory, name)] as const))
  const files = entries.filter(entry => entry.isFile()).map(({name}) => ({name, status: lstatSync(join(directory, name))}))
  return {
    texts: Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]]))),
    changed: Object.fromEntries(files.map(({name, status}) => [name, status.mtimeMs])),
    executable: new Set(files.flatMap(({name, status}) => (status.mode & constants.S_IXUSR ? [name] : []))),
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, {withFileTypes: true})
  } catch {
    return [] // not for us to read
  }
}

/** Directories in a tree that may hold sources of it, as paths within it. */
function directoriesIn(directory: string, depth: number, within = ''): string[] {
  if (depth === 0) return []
  return entriesOf(join(directory, within)).flatMap(entry => {
    if (!entry.isDirectory() || PASSED_OVER.test(entry.name)) return []
    const path = join(within, entry.name)
    return [path, ...directoriesIn(directory, depth - 1, path)]
  })
}

function goFiles(directory: string): string[] {
  const found = ['', ...directoriesIn(directory, DEPTH)].flatMap(within =>
    entriesOf(join(directory, within)).flatMap(entry => (entry.isFile() && entry.name.endsWith('.go') ? [join(within, entry.name)] : [])),
  )
  return found.slice(0, MOST_FILES)
}

/** A project within a tree. */
export interface Subproject {
  /** Its directory within the tree. */
  path: string
  guess: ProjectGuess
}

/** Projects in a tree that is none itself: of one within another, the outer. */
export async function findSubprojects(directory: string): Promise<Subproject[]> {
  const found: Subproject[] = []
  for (const path of directoriesIn(directory, DEPTH)) {
    if (found.some(({path: outer}) => path.startsWith(`${outer}/`))) continue
    const guess = guessProject(await readTree(join(directory, path)))
    if (guess) found.push({path, guess})
  }
  return found
}
