import {lstatSync, readdirSync} from 'node:fs'
import {basename, dirname} from 'node:path'
import {type FileIdentity, isSameFile} from '../core/file-identity.js'
import type {Route} from '../core/twins/route.js'
import {fileIdentity} from '../host/file-identity.js'

/**
 * What the layers of an environment have at a path: the topmost first, the root last. A session may have made a link of any
 * directory, which leads somewhere else here than there: what is behind one is not looked at. No session changes the layers
 * meanwhile.
 */
export class Layers {
  readonly #upper: readonly string[]
  readonly #root: string
  /** What is in a directory of a layer above the root, where there is mostly nothing. */
  readonly #names = new Map<string, ReadonlySet<string>>()
  /** Of a layer's directories, whether they and all above them are such. */
  readonly #plain = new Map<string, boolean>()

  constructor(trees: readonly string[]) {
    this.#upper = trees.slice(0, -1)
    this.#root = trees.at(-1) ?? ''
  }

  /** Where the file of a path may be, the topmost first. */
  treesWith(path: string): string[] {
    const upper = this.#upper.filter(tree => this.#hasName(tree, path))
    return this.#isPlain(this.#root, dirname(path)) ? [...upper, this.#root] : upper
  }

  /** Whether a layer over the root has something at a path. */
  isAboveRoot = (path: string): boolean => this.#upper.some(tree => this.#hasName(tree, path))

  #hasName(tree: string, path: string): boolean {
    return this.#namesIn(tree, dirname(path)).has(basename(path))
  }

  #namesIn(tree: string, directory: string): ReadonlySet<string> {
    const place = tree + directory
    const known = this.#names.get(place)
    if (known) return known
    const names = new Set(this.#isPlain(tree, directory) ? listIfThere(place) : [])
    this.#names.set(place, names)
    return names
  }

  #isPlain(tree: string, directory: string): boolean {
    const place = tree + directory
    const known = this.#plain.get(place)
    if (known !== undefined) return known
    const isPlain = directory === '/' || (this.#isPlain(tree, dirname(directory)) && isDirectory(place))
    this.#plain.set(place, isPlain)
    return isPlain
  }

  /**
   * As the topmost layer has it. A whiteout, or a directory that hides what is below, is not looked for: the activator
   * compares the file that is executed.
   */
  identity(path: string): FileIdentity | undefined {
    for (const tree of this.treesWith(path)) {
      const file = fileIdentity(tree + path)
      if (file) return file
    }
    return undefined
  }
}

function isDirectory(path: string): boolean {
  try {
    return lstatSync(path, {throwIfNoEntry: false})?.isDirectory() === true
  } catch {
    return false
  }
}

function listIfThere(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // none that may be read: what is there is emulated
  }
}

/** Whether the file of a route is another by now. One that is gone is not: there is nothing to be run. */
export function isOutdated({path, file}: Pick<Route, 'path' | 'file'>, layers: Layers): boolean {
  const now = file.fixed && layers.identity(path)
  return now !== undefined && !isSameFile(file, now)
}
