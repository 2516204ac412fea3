import {ProgramImage, programHeaders} from './image.js'
import {NotAsExpected} from './not-as-expected.js'

/** Numbers of the System V ABI, chapter 5, "Program Header" and "Dynamic Section", for files of 64 bits. */
const PT_DYNAMIC = 2
const DT_NULL = 0
const DT_NEEDED = 1
const DT_STRTAB = 5
const ENTRY_SIZE = 16

/** Letters by which the added library's name is shorter than the one whose end it is. */
const SHORTER = 3

/** An entry of the dynamic section: where it lies in memory, and what it says. */
interface Entry {
  address: number
  tag: number
  value: number
}

function dynamicEntries(image: ProgramImage): Entry[] {
  const dynamic = programHeaders(image.bytes).find(({type}) => type === PT_DYNAMIC)
  if (!dynamic) return []
  return Array.from({length: Math.floor(dynamic.size / ENTRY_SIZE)}, (_, i) => {
    const address = dynamic.address + i * ENTRY_SIZE
    return {address, tag: image.pointerAt(address), value: image.pointerAt(address + 8)}
  })
}

/**
 * Makes a dynamic program of 64 bits, little-endian, load one more library, in place: linkers leave room for more entries
 * (ld's --spare-dynamic-tags, five by default). There is no room for a name, but the ends of names are names too: the
 * library is called as `needed`, which the program loads already, without its first letters: `libraryLike`.
 * Throws NotAsExpected where the file is not what this was written for.
 */
export function addLibrary(bytes: Buffer, needed: string): void {
  const image = new ProgramImage(bytes)
  const entries = dynamicEntries(image)
  const end = entries.findIndex(({tag}) => tag === DT_NULL)
  const [spare, last] = [entries[end], entries[end + 1]]
  const strings = entries.find(({tag}) => tag === DT_STRTAB)?.value
  if (strings === undefined) throw new NotAsExpected('the program has no table of strings')
  const like = entries.slice(0, end).find(({tag, value}) => tag === DT_NEEDED && image.textAt(strings + value) === needed)
  if (!like) throw new NotAsExpected(`the program does not load ${needed}`)
  if (!spare || last?.tag !== DT_NULL) throw new NotAsExpected('the program has no room for another library')
  image.setPointer(spare.address, DT_NEEDED)
  image.setPointer(spare.address + 8, like.value + SHORTER)
}

/** By what name a program loads the library that was added beside `needed`. */
export const libraryLike = (needed: string) => needed.slice(SHORTER)
