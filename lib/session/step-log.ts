import {createWriteStream} from 'node:fs'
import {Writable} from 'node:stream'
import {finished} from 'node:stream/promises'
import {printable} from '../core/printable.js'

/** Bytes of a step's output that its file holds: what comes later is counted, and its end kept. */
const FILE_LIMIT = 64 * 2 ** 20
const END_SIZE = 2 ** 20
/** Bytes of a line that are shown. */
const LINE_LIMIT = 4096

/** Takes a step's output as it comes, whatever it is and however much: a file gets it, `onLine` its lines for people. */
export class StepLog extends Writable {
  readonly #file
  readonly #onLine
  #written = 0
  #dropped = 0
  /** The last chunks of what the file does not hold. */
  #end: Buffer[] = []
  #line = Buffer.alloc(0)

  constructor(path: string, onLine: (line: string) => void) {
    super()
    this.#file = createWriteStream(path)
    this.#file.on('error', error => this.destroy(error))
    this.#onLine = onLine
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#takeLines(chunk)
    const kept = chunk.subarray(0, Math.max(0, FILE_LIMIT - this.#written))
    this.#written += kept.length
    if (kept.length < chunk.length) this.#keepEnd(chunk.subarray(kept.length))
    if (kept.length === 0 || this.#file.write(kept)) done()
    else this.#file.once('drain', done)
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#line.length > 0) this.#showLine(this.#line)
    if (this.#dropped > 0) this.#file.write(`\n[${this.#dropped} bytes are left out here]\n`)
    this.#file.end(Buffer.concat(this.#end))
    finished(this.#file).then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#file.destroy()
    done(error)
  }

  #keepEnd(rest: Buffer): void {
    this.#end.push(rest)
    let size = this.#end.reduce((sum, {length}) => sum + length, 0)
    for (let first = this.#end[0]; first && size - first.length >= END_SIZE; first = this.#end[0]) {
      size -= first.length
      this.#dropped += first.length
      this.#end.shift()
    }
  }

  #takeLines(chunk: Buffer): void {
    let start = 0
    for (let at = nextEnd(chunk, 0); at !== -1; at = nextEnd(chunk, start)) {
      const rest = chunk.subarray(start, at)
      this.#showLine(this.#line.length > 0 ? Buffer.concat([this.#line, rest]) : rest)
      this.#line = Buffer.alloc(0)
      start = at + 1
    }
    const room = LINE_LIMIT - this.#line.length
    if (room > 0) this.#line = Buffer.concat([this.#line, chunk.subarray(start, start + room)])
  }

  #showLine(bytes: Buffer): void {
    this.#onLine(printable(bytes.subarray(0, LINE_LIMIT).toString()))
  }
}

const nextEnd = (chunk: Buffer, from: number) => chunk.indexOf(0x0a, from)
