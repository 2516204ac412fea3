import {readdirSync} from 'node:fs'
import {dirname} from 'node:path'
import {type FileIdentity, isSameFile} from '../core/file-identity.js'
import type {Route} from '../core/route.js'
import {fileIdentity} from '../host/file-identity.js'

/** What the layers of an environment have at a path: the topmost first, the root last. */
export class Layers {
  readonly #upper: readonly string[]
  readonly #root: string
  /** What is in a directory of a layer above the root, where there is mostly nothing. */
  readonly #names = new Map<string, ReadonlySet<string>>()

  constructor(trees: readonly string[]) {
    this.#upper = trees.slice(0, -1)
    this.#root = trees.at(-1) ?? ''
  }

  /** Where the file of a path may be, the topmost first. */
  places(path: string): string[] {
    return [...this.#upper.filter(tree => this.#namesIn(tree + dirname(path)).has(path.slice(path.lastIndexOf('/') + 1))), this.#root].map(
      tree => tree + path,
    )
  }

  #namesIn(directory: string): ReadonlySet<string> {
    const known = this.#names.get(directory)
    if (known) return known
    const names = new Set(listIfThere(directory))
    this.#names.set(directory, names)
    return names
  }

  /**
   * As the topmost layer has it. A whiteout, or a directory that hides what is below, is not looked for: the activator
   * compares the file that is executed.
   */
  identity(path: string): FileIdentity | undefined {
    for (const place of this.places(path)) {
      const file = fileIdentity(place)
      if (file) return file
    }
    return undefined
  }
}

function listIfThere(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // none, or none that may be read: what is there is emulated
  }
}

/** Whether the file of a route is another by now. One that is gone is not: there is nothing to be run. */
export function isOutdated({path, file}: Pick<Route, 'path' | 'file'>, layers: Layers): boolean {
  const now = file.fixed && layers.identity(path)
  return now !== undefined && !isSameFile(file, now)
}
