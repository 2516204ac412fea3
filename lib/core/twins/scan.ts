import {dirname, join} from 'node:path'
import {ProgramImage} from '../elf/image.js'
import type {Linking, Range} from '../elf/linking.js'
import {LIBRARY_DIRECTORY, PRIVATE_DIRECTORY} from '../places.js'
import {findHostTexts, type HostText} from './host-texts.js'
import {type Meaning, meaningOf, type TextPlace} from './known-texts.js'

/** Where a program or library of a twin set lies, and what there is around it. */
export interface ScanPlace extends TextPlace {
  /** Directories with libraries of the host that a session does not show: of the twin set, absolute. */
  hidden: readonly string[]
}

/** The directory of the twin set that a session shows as LIBRARY_DIRECTORY. */
export const shownDirectory = (host: string) => `/usr/lib/${host}`

const isBelow = (path: string, directory: string) => path === directory || path.startsWith(`${directory}/`)

/**
 * Makes a program or library name only what a session has: what is shown of the twin set, and the target's own directories.
 * What cannot be changed stays, and is found by `leftOver`. Returns whether anything was changed.
 */
export function nameWhatIsThere(bytes: Buffer, loaded: readonly Range[], place: ScanPlace): boolean {
  const texts = findHostTexts(bytes, loaded, place.host, place.hidden)
  if (texts.length === 0) return false
  const before = Buffer.from(bytes)
  try {
    const image = new ProgramImage(bytes)
    return texts.filter(text => replace(image, text, meaning(text, place), place)).length > 0
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    before.copy(bytes) // its headers do not say the truth, and nobody knows what has been changed
    return false
  }
}

const meaning = (text: HostText, place: ScanPlace): Meaning => (text.whole ? meaningOf(text.text, place) : 'unknown')

function replace(image: ProgramImage, {at, text}: HostText, meaning: Meaning, {host, triple}: ScanPlace): boolean {
  if (meaning === 'harmless' || meaning === 'unknown' || image.bytes[at + text.length] !== 0) return false
  const begin = text.indexOf(host)
  if (meaning === 'shown') {
    const length = begin + host.length
    return ownPart(image, at, length) === length && overwrite(image.bytes, at, length, LIBRARY_DIRECTORY)
  }
  const redirect = (from: string) => image.replaceText(from, from.replaceAll(host, triple)) > 0
  // Ends of it that others use as texts of their own (`/lib/…` of `/usr/lib/…`) have a directory's name in them too.
  let [last, own] = [0, ownPart(image, at, begin + 1)]
  for (let ends = 0; own <= begin; ends++) {
    if (own === last || ends === MOST_ENDS || !redirect(text.slice(own))) return false
    ;[last, own] = [own, ownPart(image, at, begin + 1)]
  }
  // Whatever else may use the old text finds nothing, as it would have: the host's directory is in no session.
  return redirect(text) && overwrite(image.bytes, at, ownPart(image, at, begin + host.length), NOTHING)
}

/** Linkers find one or two of them: a path has few ends that are texts of their own. */
const MOST_ENDS = 16

/** A path at which a session has nothing. */
const NOTHING = `${PRIVATE_DIRECTORY}/none`

/** How many bytes of a text can be changed: linkers let one that is the end of another begin within it. */
function ownPart(image: ProgramImage, at: number, length: number): number {
  const address = image.addressAt(at)
  if (address === undefined) return 0
  const [shared] = image.usedWithin(address + 1, address + length)
  return shared === undefined ? length : shared - address
}

/** Fills up with slashes, which mean nothing in a path. */
function overwrite(bytes: Buffer, at: number, length: number, to: string): boolean {
  if (to.length > length) return false
  bytes.write(to.padEnd(length, '/'), at, 'latin1')
  return true
}

/** The directories of the twin set in which a file's libraries are looked for first. */
export const searchedDirectories = ({searched}: Linking, {file, host}: Pick<ScanPlace, 'file' | 'host'>) =>
  searched.map(directory => join('/', inTwinSet(directory, host).replace(/\$ORIGIN\b|\$\{ORIGIN\}/, dirname(file))))

/** What a session shows lies elsewhere in the twin set. */
const inTwinSet = (directory: string, host: string) =>
  isBelow(directory, LIBRARY_DIRECTORY) ? shownDirectory(host) + directory.slice(LIBRARY_DIRECTORY.length) : directory

/**
 * Whether these are where a session shows them: named so, or a library's own directory, where that is among those that are shown.
 */
export const isSearchShown = (linking: Linking, place: Pick<ScanPlace, 'file' | 'host'>): boolean =>
  linking.searched.every(directory => /^\$(ORIGIN\b|\{ORIGIN\})/.test(directory) || isBelow(directory, LIBRARY_DIRECTORY)) &&
  searchedDirectories(linking, place).every(directory => isBelow(directory, shownDirectory(place.host)))

/** What is left in a program or library that a session does not have, for people. */
export function leftOver(bytes: Buffer, linking: Linking, place: ScanPlace): string[] {
  const texts = findHostTexts(bytes, linking.loaded, place.host, place.hidden).filter(text => meaning(text, place) !== 'harmless')
  return [
    ...texts.map(({text, whole}) => `has ${whole ? '' : 'a part of '}the host's path ${JSON.stringify(shortened(text))} built in`),
    ...(isSearchShown(linking, place) ? [] : [`looks for libraries in ${linking.searched.join(':')}`]),
  ]
}

const SHOWN_LETTERS = 60
const shortened = (text: string) => (text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text)

/** What the scan of one program or library has found. */
export interface Scanned {
  kind: Linking['kind']
  /** The libraries that it needs: paths in the twin set, or the name where there is none. */
  needed: readonly ({kind: 'found'; path: string} | {kind: 'missing'; name: string})[]
  leftOver: readonly string[]
}

/**
 * Why programs and modules of a twin set cannot be twins, by their paths: for what they or the libraries that they need have
 * left over, or lack.
 */
export function unfitTwins(scanned: ReadonlyMap<string, Scanned>): Map<string, string> {
  const unfit = new Map<string, string>()
  for (const path of scanned.keys()) {
    const why = whyUnfit(path, scanned, new Set())
    if (why !== undefined) unfit.set(path, why)
  }
  return unfit
}

function whyUnfit(path: string, scanned: ReadonlyMap<string, Scanned>, seen: Set<string>): string | undefined {
  if (seen.has(path)) return undefined
  seen.add(path)
  const found = scanned.get(path)
  if (found === undefined) return 'is not a program or library that can be read'
  if (found.leftOver[0] !== undefined) return found.leftOver[0]
  for (const needed of found.needed) {
    if (needed.kind === 'missing') return `needs ${needed.name}, which the twin set does not have`
    const why = whyUnfit(needed.path, scanned, seen)
    if (why !== undefined) return `needs ${needed.path}, which ${why}`
  }
  return undefined
}
