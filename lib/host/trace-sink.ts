import type {FileHandle} from 'node:fs/promises'
import {Writable} from 'node:stream'
import {finished} from 'node:stream/promises'

/**
 * Takes the bytes of a trace, for a file, for later, or both. It never fails: whoever sends goes on, and what went wrong
 * is told at the end.
 */
export class TraceSink extends Writable {
  failure: unknown
  readonly #file: FileHandle | undefined
  readonly #kept: Buffer[] | undefined

  constructor(file: FileHandle | undefined, keep: 'kept' | 'passed-on') {
    super()
    this.#file = file
    this.#kept = keep === 'kept' ? [] : undefined
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#kept?.push(bytes)
    void this.#toFile(bytes).then(done)
  }

  override _final(done: () => void): void {
    void this.#close().then(done)
  }

  /** All bytes so far, of a sink that keeps them. */
  bytes = (): Buffer => Buffer.concat(this.#kept ?? [])

  /** Ends it: what was sent is where it belongs then. */
  async finish(): Promise<void> {
    this.end()
    await finished(this)
  }

  async #toFile(bytes: Buffer): Promise<void> {
    if (!this.#file || this.failure !== undefined) return
    await this.#file.appendFile(bytes).catch(error => {
      this.failure = error
    })
  }

  async #close(): Promise<void> {
    await this.#file?.close().catch(error => {
      this.failure ??= error
    })
  }
}
