import {closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats} from 'node:fs'

/**
 * What sessions, projects, archives and mirrors wrote is data, and may be anything: a link that leads to the host's files, a
 * FIFO that nobody writes to, a device without an end. It is opened here, beneath a directory, one component of the path after
 * the other: Node has no openat2(2), and /proc/self/fd/N/NAME is the same as openat(2) without following links.
 */

/** <asm-generic/fcntl.h>: a descriptor that stands for a place, and reads nothing; Node has no name for it. */
export const O_PATH = 0o10000000

const AS_PLACE = O_PATH | constants.O_NOFOLLOW
/** O_NONBLOCK: neither a FIFO nor a lease is waited for. */
const FOR_READING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** As the kernel has it, MAXSYMLINKS. man 7 path_resolution */
const MOST_LINKS = 40

/** Opens a regular file at a path of the user's own, which may lead through links; the caller closes it. */
export function openRegular(path: string): Found<OpenFile> {
  let place: number | undefined
  try {
    place = openSync(path, O_PATH)
    return openFile(place, path)
  } catch (error) {
    return whyNot(error, path)
  } finally {
    if (place !== undefined) closeSync(place)
  }
}

/** Reads such a file, of at most so many bytes. */
export function readRegular(path: string, limit: number): Found<Buffer> {
  const file = openRegular(path)
  return file.kind === 'found' ? readOpen(file.value, path, limit) : file
}

/** Why something is not what was asked for; `at` is the path beneath the directory, `why` for people. */
export interface Unfit {
  kind: 'missing' | 'link' | 'other-kind' | 'too-large' | 'unreadable'
  at: string
  why: string
}

export type Found<T> = {kind: 'found'; value: T} | Unfit

/** A regular file that is open; whoever asked for it closes it. */
export interface OpenFile {
  fd: number
  status: Stats
}

/**
 * `within`: links are followed as whoever has the tree for its root does, absolute ones and `..` too. `refused`: wherever the
 * path leads through a link, what it leads to is not found.
 */
export type Links = 'within' | 'refused'

/** Of a link in the last place, itself is found where that is asked for. */
type Last = 'followed' | 'itself'

/** A place that was found: directories of one path in all layers, topmost first, or one of another kind. */
type Place = {kind: 'directory'; fds: number[]} | {kind: 'link'; fd: number; text: Buffer} | {kind: 'other'; fd: number}

/**
 * A directory, or the layers of an overlay, topmost first. Paths are relative to it, whether they begin with a slash or not,
 * in UTF-8, or bytes. What overlayfs marks as removed hides what lies below; a directory that was removed and made anew shows
 * what was in the old one, unless it is among `opaque` (Node reads no extended attributes).
 */
export class Tree {
  readonly #layers: readonly string[]
  readonly #links: Links
  readonly #opaque: ReadonlySet<string>

  constructor(layers: readonly string[], links: Links, opaque: ReadonlySet<string> = new Set()) {
    this.#layers = layers
    this.#links = links
    this.#opaque = opaque
  }

  /** Opens a regular file; the caller closes it. */
  open(path: string | Buffer, last: Last = 'followed'): Found<OpenFile> {
    return this.#find(path, last, (place, at) => {
      if (place.kind === 'directory') return unfit('other-kind', at, 'is a directory')
      if (place.kind === 'link') return unfit('link', at, 'is a symbolic link')
      return openFile(place.fd, at)
    })
  }

  /** Reads a regular file of at most so many bytes. */
  read(path: string | Buffer, limit: number): Found<Buffer> {
    const file = this.open(path)
    return file.kind === 'found' ? readOpen(file.value, path, limit) : file
  }

  /** What a path is: of a link that is not followed, the link's own. */
  status(path: string | Buffer, last: Last = 'followed'): Found<Stats> {
    return this.#find(path, last, place => found(fstatSync(place.kind === 'directory' ? (place.fds[0] as number) : place.fd)))
  }

  /** The text of a link. */
  link(path: string | Buffer): Found<string> {
    return this.#find(path, 'itself', (place, at) =>
      place.kind === 'link' ? found(place.text.toString()) : unfit('other-kind', at, 'is not a symbolic link'),
    )
  }

  /** What is in a directory, by name. */
  list(path: string | Buffer): Found<Dirent[]> {
    return this.#find(path, 'followed', (place, at) =>
      place.kind === 'directory' ? found(listLayers(place.fds)) : unfit('other-kind', at, 'is not a directory'),
    )
  }

  /** Opens the topmost layer's directory of a path, as a place alone; the caller closes it. */
  openDirectory(path: string | Buffer): Found<number> {
    return this.#find(path, 'followed', (place, at) => {
      if (place.kind !== 'directory') return unfit('other-kind', at, 'is not a directory')
      return found(openSync(inDirectory(place.fds[0] as number, Buffer.from('.')), AS_PLACE | constants.O_DIRECTORY))
    })
  }

  /** Whatever is at a path is open while it is used, and closed then. */
  #find<T>(path: string | Buffer, last: Last, use: (place: Place, at: string) => Found<T>): Found<T> {
    const walk = new Walk(this.#links, this.#opaque)
    try {
      return walk.follow(this.#layers, path, last, use)
    } catch (error) {
      return whyNot(error, walk.at)
    } finally {
      walk.close()
    }
  }
}

const found = <T>(value: T): Found<T> => ({kind: 'found', value})
const unfit = (kind: Unfit['kind'], at: string, why: string): Unfit => ({kind, at, why})
const tooLarge = (path: string | Buffer, limit: number) => unfit('too-large', String(path), `is larger than ${limit} bytes`)

/** What is in a directory of a tree whose links lead within it; nothing where there is none. */
export function namesIn(tree: string, path: string): string[] {
  const entries = new Tree([tree], 'within').list(path)
  return entries.kind === 'found' ? entries.value.map(({name}) => name) : []
}

/** The value where it was found; undefined where nothing is there, or `fail` throws. */
export function valueOrNone<T>(result: Found<T>, fail?: (why: Unfit) => Error): T | undefined {
  if (result.kind === 'found') return result.value
  if (fail && result.kind !== 'missing') throw fail(result)
  return undefined
}

/** One way through a tree: what is open on it. */
class Walk {
  readonly #links: Links
  readonly #opaque: ReadonlySet<string>
  /** The directories from the tree's own on, each in all its layers, topmost first; their names from the second on. */
  readonly #stack: number[][] = []
  readonly #names: string[] = []
  /** What is looked at beyond these. */
  #last: number[] = []
  /** Where it is, for people. */
  at = ''

  constructor(links: Links, opaque: ReadonlySet<string>) {
    this.#links = links
    this.#opaque = opaque
  }

  follow<T>(layers: readonly string[], path: string | Buffer, last: Last, use: (place: Place, at: string) => Found<T>): Found<T> {
    this.#stack.push([])
    for (const layer of layers) this.#stack[0]?.push(openSync(layer, O_PATH | constants.O_DIRECTORY))
    let left = partsOf(Buffer.from(path))
    let links = 0
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      if (name === '..') {
        this.#up()
        continue
      }
      const place = this.#lookUp(name)
      if (!place) return unfit('missing', this.at, 'is not there')
      if (place.kind === 'directory') {
        this.#down(name, place.fds)
        continue
      }
      const isLast = left.length === 0
      if (place.kind === 'other') return isLast ? use(place, this.at) : unfit('missing', this.at, 'is not a directory')
      if (isLast && last === 'itself') return use(place, this.at)
      if (this.#links === 'refused') return unfit('link', this.at, 'is a symbolic link')
      if (++links > MOST_LINKS) return unfit('link', this.at, 'is a loop of symbolic links')
      this.#closeLast()
      if (place.text[0] === SLASH) while (this.#names.length > 0) this.#up()
      left = [...partsOf(place.text), ...left]
    }
    return use({kind: 'directory', fds: this.#stack.at(-1) ?? []}, this.at)
  }

  close(): void {
    for (const fd of [...this.#stack.flat(), ...this.#last]) closeSync(fd)
  }

  #lookUp(name: string): Place | undefined {
    const names = [...this.#names, name]
    this.at = Buffer.from(names.join('/'), 'latin1').toString()
    const directories: number[] = []
    this.#last = directories
    for (const parent of this.#stack.at(-1) ?? []) {
      const fd = openIfThere(parent, name)
      if (fd === undefined) continue
      const status = fstatSync(fd)
      if (status.isDirectory()) {
        directories.push(fd)
        if (this.#opaque.has(names.join('/'))) break
        continue
      }
      if (directories.length > 0 || isWhiteout(status)) {
        closeSync(fd) // hidden, or what hides
        break
      }
      directories.push(fd)
      return status.isSymbolicLink() ? {kind: 'link', fd, text: readLink(parent, name)} : {kind: 'other', fd}
    }
    return directories.length > 0 ? {kind: 'directory', fds: directories} : undefined
  }

  #down(name: string, fds: number[]): void {
    this.#stack.push(fds)
    this.#names.push(name)
    this.#last = []
  }

  /** Of the tree's own directory that is itself, as of a root. */
  #up(): void {
    if (this.#names.length === 0) return
    this.#names.pop()
    for (const fd of this.#stack.pop() ?? []) closeSync(fd)
  }

  #closeLast(): void {
    for (const fd of this.#last) closeSync(fd)
    this.#last = []
  }
}

const SLASH = 0x2f

/** The components of a path, one character for each byte. */
const partsOf = (path: Buffer) =>
  path
    .toString('latin1')
    .split('/')
    .filter(part => part !== '' && part !== '.')

const inDirectory = (fd: number, name: Buffer) => Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), name])

function openIfThere(parent: number, name: string): number | undefined {
  try {
    return openSync(inDirectory(parent, Buffer.from(name, 'latin1')), AS_PLACE)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** overlayfs.rst, "whiteouts and opaque directories": a character device of number 0. */
const isWhiteout = (status: Stats) => status.isCharacterDevice() && status.rdev === 0

const readLink = (parent: number, name: string): Buffer =>
  readlinkSync(inDirectory(parent, Buffer.from(name, 'latin1')), {encoding: 'buffer'})

/** The same file once more, for reading: it is regular, so that opening it has no effect. */
function openFile(place: number, at: string): Found<OpenFile> {
  if (!fstatSync(place).isFile()) return unfit('other-kind', at, 'is not a regular file')
  const fd = openSync(`/proc/self/fd/${place}`, FOR_READING)
  return found({fd, status: fstatSync(fd)})
}

function readOpen({fd, status}: OpenFile, path: string | Buffer, limit: number): Found<Buffer> {
  try {
    return status.size > limit ? tooLarge(path, limit) : readUpTo(fd, path, limit)
  } finally {
    closeSync(fd)
  }
}

/** The size may have grown since it was looked at. */
function readUpTo(fd: number, path: string | Buffer, limit: number): Found<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for (;;) {
    const part = Buffer.allocUnsafe(64 * 1024)
    const count = readSync(fd, part)
    if (count === 0) return found(Buffer.concat(parts))
    size += count
    if (size > limit) return tooLarge(path, limit)
    parts.push(part.subarray(0, count))
  }
}

function listLayers(fds: readonly number[]): Dirent[] {
  const entries = new Map<string, Dirent>()
  for (const fd of fds) {
    for (const entry of readdirSync(`/proc/self/fd/${fd}`, {withFileTypes: true})) {
      if (!entries.has(entry.name)) entries.set(entry.name, entry)
    }
  }
  return [...entries.values()].filter(entry => !entry.isCharacterDevice())
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : undefined)

function whyNot(error: unknown, at: string): Unfit {
  const code = codeOf(error)
  if (code === undefined) throw error
  if (code === 'ENOENT' || code === 'ENOTDIR') return unfit('missing', at, 'is not there')
  return unfit('unreadable', at, `cannot be read (${code})`)
}
