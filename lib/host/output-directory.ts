import {randomBytes} from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import {dirname, join} from 'node:path'
import {contentKey} from '../core/key.js'
import {O_PATH} from './beneath.js'

/** How a file is to be: its permissions and times. */
export interface FileFacts {
  mode: number
  atime: Date
  mtime: Date
}

/**
 * A directory below one of the user's that is written to, held open: nothing is written or removed elsewhere, whatever links
 * a build has put into it. Paths in it are relative, and plain (`isPlainPath`). Throws what the system says; ENOTDIR where a
 * link stands in the place of a directory.
 */
export class OutputDirectory {
  readonly #fd: number
  readonly #writer: string
  /** Of what lies below it, what was looked through. */
  readonly #swept = new Set<string>()

  /**
   * Makes it, below a directory that is there. `writer`: a word of who writes there alone at a time; what one that was killed
   * has half written, the next of the same word removes.
   */
  constructor(top: string, path: string, writer: string) {
    this.#writer = writer
    const fd = openSync(top, O_PATH | constants.O_DIRECTORY)
    try {
      this.#fd = openBelow(fd, path, 'make')
    } finally {
      closeSync(fd)
    }
  }

  /** For whoever reads beneath it, as long as it is held. */
  get path(): string {
    return `/proc/self/fd/${this.#fd}`
  }

  close(): void {
    closeSync(this.#fd)
  }

  /** Puts a file there that is written first: a reader finds the old one or the new. */
  async put(path: string, write: (fd: number) => Promise<void>, facts?: FileFacts): Promise<void> {
    await this.#place(path, async beside => {
      const fd = openSync(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644)
      try {
        await write(fd)
        if (facts) fchmodSync(fd, facts.mode & 0o777)
        if (facts) futimesSync(fd, facts.atime, facts.mtime)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
    })
  }

  /** Makes a file of this name in the directory itself, unless there is anything. */
  putFirst(name: string, text: string): void {
    ignoring(['EEXIST'], () => {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
      const fd = openSync(join(`/proc/self/fd/${this.#fd}`, name), flags, 0o644)
      try {
        writeSync(fd, text)
      } finally {
        closeSync(fd)
      }
    })
  }

  putLink = (path: string, text: string): Promise<void> => this.#place(path, async beside => symlinkSync(text, beside))

  /** Removes a file or a link, and the directories that are empty without it. */
  remove(path: string): void {
    for (let name = path, first = true; name !== '.'; name = dirname(name), first = false) {
      const directory = openIfThere(this.#fd, dirname(name))
      if (directory === undefined) return
      try {
        if (!removeEntry(join(`/proc/self/fd/${directory}`, lastOf(name)), first ? 'file' : 'directory')) return
      } finally {
        closeSync(directory)
      }
    }
  }

  /** How the names of files begin that are being written. */
  get #partial(): string {
    return `.xbuild-env-${this.#writer}-`
  }

  #sweep(path: string, directory: number): void {
    if (this.#swept.has(path)) return
    this.#swept.add(path)
    const place = `/proc/self/fd/${directory}`
    for (const name of readdirSync(place)) if (name.startsWith(this.#partial)) removeEntry(join(place, name), 'file')
  }

  async #place(path: string, make: (beside: string) => Promise<void>): Promise<void> {
    const directory = openBelow(this.#fd, dirname(path), 'make')
    const place = (name: string) => join(`/proc/self/fd/${directory}`, name)
    const beside = place(`${this.#partial}${randomBytes(8).toString('hex')}`)
    try {
      this.#sweep(dirname(path), directory)
      await make(beside)
      renameSync(beside, place(lastOf(path)))
    } catch (error) {
      ignoring(['ENOENT'], () => unlinkSync(beside))
      throw error
    } finally {
      closeSync(directory)
    }
  }
}

/** The word of who holds a lock in a data home. */
export const writerIn = (home: string) => contentKey({home})

/** A path below a directory, each of whose components is a name. */
export const isPlainPath = (path: string) => path.split('/').every(name => !['', '.', '..'].includes(name)) && !path.includes('\0')

const lastOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** A directory as a place alone; each of its components is one itself, and no link to one. */
function openBelow(fd: number, path: string, missing: 'make' | 'fail'): number {
  const opened = [openSync(`/proc/self/fd/${fd}`, O_PATH | constants.O_DIRECTORY)]
  try {
    for (const name of path.split('/').filter(part => part !== '' && part !== '.')) {
      const place = join(`/proc/self/fd/${opened.at(-1)}`, name)
      if (missing === 'make') ignoring(['EEXIST'], () => mkdirSync(place))
      opened.push(openSync(place, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW))
    }
    return opened.pop() as number
  } finally {
    for (const one of opened) closeSync(one)
  }
}

function openIfThere(fd: number, path: string): number | undefined {
  let directory: number | undefined
  ignoring(['ENOENT', 'ENOTDIR'], () => {
    directory = openBelow(fd, path, 'fail')
  })
  return directory
}

/** Whether it is gone; what is another kind of thing, and a directory that is not empty, stay. */
function removeEntry(place: string, kind: 'file' | 'directory'): boolean {
  if (kind === 'directory') return ignoring(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'ENOENT'], () => rmdirSync(place))
  return ignoring(['ENOENT'], () => {
    const status = lstatSync(place)
    if (status.isFile() || status.isSymbolicLink()) unlinkSync(place)
  })
}

/** Whether it was done. */
function ignoring(codes: readonly string[], work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return false
    throw error
  }
}
