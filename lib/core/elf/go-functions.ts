import type {ProgramImage} from './image.js'
import {NotAsExpected} from './not-as-expected.js'

/** Code of a function, as addresses of the program. */
export interface GoFunction {
  start: number
  end: number
}

/** The table of functions of a program of Go's, which stays when it is stripped: runtime/symtab.go, pcHeader, since Go 1.18. */
const MAGICS = [0xfffffff0, 0xfffffff1]
/** Bytes of the magic, two of padding, the least size of an instruction on x86, and the size of a pointer. */
const BEGINNINGS = MAGICS.map(magic => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(magic)
  bytes[6] = 1
  bytes[7] = 8
  return bytes
})

/** Fields of the header, all of 8 bytes. */
const FIELDS = {functions: 8, text: 24, names: 32, table: 64}
/** Of an entry of the table: where the function begins in the code, and where it is described; and where its name is told there. */
const ENTRY_SIZE = 8
const NAME_AT = 4

/** Where functions of a program of Go's are, by their names. Throws NotAsExpected where one is not there. */
export function goFunctions(image: ProgramImage, wanted: readonly string[]): ReadonlyMap<string, GoFunction> {
  const {bytes} = image
  const found = new Map<string, GoFunction>()
  for (const at of BEGINNINGS.flatMap(beginning => placesIn(bytes, beginning))) {
    const field = (offset: number) => Number(bytes.readBigUInt64LE(at + offset))
    const [count, text, names, table] = [field(FIELDS.functions), field(FIELDS.text), at + field(FIELDS.names), at + field(FIELDS.table)]
    if (image.offset(text) === undefined || table + (count + 1) * ENTRY_SIZE > bytes.length) continue // bytes that look so by chance
    for (let i = 0; i < count; i++) {
      const entry = table + i * ENTRY_SIZE
      const name = nameAt(bytes, names + bytes.readInt32LE(table + bytes.readUInt32LE(entry + 4) + NAME_AT))
      if (wanted.includes(name))
        found.set(name, {start: text + bytes.readUInt32LE(entry), end: text + bytes.readUInt32LE(entry + ENTRY_SIZE)})
    }
  }
  const missing = wanted.find(name => !found.has(name))
  if (missing !== undefined) throw new NotAsExpected(`there is no function ${missing}`)
  return found
}

const nameAt = (bytes: Buffer, at: number) => bytes.toString('latin1', at, bytes.indexOf(0, at))

function placesIn(bytes: Buffer, wanted: Buffer): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found.push(at)
  return found
}
