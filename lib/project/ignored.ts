import {join} from 'node:path'
import ignore, {type Ignore} from 'ignore'
import {CACHE, OUTPUT} from '../core/project/project.js'
import {Tree} from '../host/beneath.js'

/** What no build is made of: git's own files, what builds are copied to, and kept environments. */
const NEVER = ['.git', `/${OUTPUT}`, `/${CACHE}`]

/** Which files of a tree do not matter to its build: what each directory's .gitignore says, and what the project does. */
export class IgnoredFiles {
  readonly #tree: string
  readonly #own: Ignore
  readonly #files = new Map<string, Ignore>()

  constructor(tree: string, patterns: readonly string[]) {
    this.#tree = tree
    this.#own = ignore().add([...NEVER, ...patterns])
  }

  /** `path` is relative to the tree; that of a directory ends in a slash. */
  includes(path: string): boolean {
    if (this.#own.ignores(path)) return true
    let decided = false
    for (let at = 0; at !== -1; at = path.indexOf('/', at) + 1 || -1) {
      if (at === path.length) break
      const {ignored, unignored} = this.#file(path.slice(0, at)).test(path.slice(at))
      decided = ignored || (decided && !unignored)
    }
    return decided
  }

  /** A .gitignore was changed: all are read anew. */
  forget(): void {
    this.#files.clear()
  }

  /** man 5 gitignore: a file counts for its directory and all below it. `directory` is empty, or ends in a slash. */
  #file(directory: string): Ignore {
    const known = this.#files.get(directory)
    if (known) return known
    const file = ignore().add(readText(this.#tree, join(directory, '.gitignore')))
    this.#files.set(directory, file)
    return file
  }
}

/** Bytes: git itself takes no more than 100 MiB, and nobody writes that. */
const LIMIT = 2 ** 20

/** Where there is none, or none that can be read, nothing is ignored. As for git, one that is a link is none. */
function readText(tree: string, path: string): string {
  const text = new Tree([tree], 'refused').read(path, LIMIT)
  return text.kind === 'found' ? text.value.toString() : ''
}
