import type {Range} from '../elf/linking.js'

/** A text of a twin that names a directory which the session does not have. */
export interface HostText {
  /** Where it begins in the file. */
  at: number
  text: string
  /** Whether the whole name stands there; else a part of it, as code has it that puts a text together of constants. */
  whole: boolean
}

/** Debian's cross compilers have their own directories beside those of the target's: /usr/lib/gcc-cross, /usr/libexec/gcc-cross. */
export const CROSS = 'gcc-cross'

/** What a compiler copies at a time where it knows the text: constants of 8 bytes, or of a multiple. */
const COPIED = 8

/**
 * Where pieces of a text lie by themselves: so many letters from any of the first so many. Whatever place in a longer text it
 * has, one of them is copied by itself. All of a half of them have five letters in common, which are looked for first.
 */
function placesOfPieces(bytes: Buffer, text: string): number[] {
  const half = COPIED / 2
  return [0, half].flatMap(first => {
    const common = text.slice(first + half - 1, first + COPIED)
    return placesOf(bytes, common).flatMap(at => {
      const begin = at - (half - 1) - first
      const starts = Array.from({length: half}, (_, i) => first + i).filter(i => begin + i >= 0)
      return starts.flatMap(i => {
        const piece = text.slice(i, i + COPIED)
        return bytes.toString('latin1', begin + i, begin + i + piece.length) === piece ? [begin + i] : []
      })
    })
  })
}

function placesOf(bytes: Buffer, word: string): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(word, 0, 'latin1'); at !== -1; at = bytes.indexOf(word, at + 1, 'latin1')) found.push(at)
  return found
}

/**
 * `cpu-vendor-system-libc`, and `cpu-system` with another library, names a machine, and no directory of Debian's: Rust has it in the paths of its
 * sources, clang what gcc is called for Android.
 */
const MACHINE = /^[^-]*-(\w+-linux-gnu|linux-(?!gnu)\w)/
/** More letters than the name of a machine has. */
const MACHINE_LENGTH = 64

/**
 * All texts in these parts of a file that name one of the host's directories: by its triple (Debian's multiarch), by that of
 * the cross compilers, or one of `directories`.
 */
export function findHostTexts(bytes: Buffer, loaded: readonly Range[], triple: string, directories: readonly string[]): HostText[] {
  const found = new Map<number, HostText>()
  for (const {start, end} of loaded) {
    const range = bytes.subarray(start, end)
    let last: Text | undefined
    const add = (at: number, whole: boolean) => {
      last = last && last.at <= at && at < last.end ? last : textAround(range, at)
      const {at: begin, text} = last
      if (found.has(start + begin) || (!whole && MACHINE.test(text.slice(at - begin, at - begin + MACHINE_LENGTH)))) return
      found.set(start + begin, {at: start + begin, text, whole})
    }
    for (const name of [triple, CROSS, ...directories]) for (const at of placesOf(range, name)) add(at, true)
    for (const path of [`lib/${triple}`, `lib/${CROSS}/`]) for (const at of placesOfPieces(range, path)) add(at, false)
  }
  return [...found.values()].sort((a, b) => a.at - b.at)
}

interface Text {
  at: number
  end: number
  text: string
}

/** Tab, line feed, and all of ASCII that is seen. */
const isPrinted = (byte: number | undefined) => byte !== undefined && (byte === 9 || byte === 10 || (byte >= 0x20 && byte < 0x7f))

function textAround(bytes: Buffer, place: number): Text {
  let [at, end] = [place, place]
  while (isPrinted(bytes[at - 1])) at--
  while (isPrinted(bytes[end])) end++
  return {at, end, text: bytes.toString('latin1', at, end)}
}
