import {closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync} from 'node:fs'
import type {RunEvent} from '../core/bulk/events.js'
import {decodeJournal, encodeEvent, type ReadJournal} from '../core/bulk/journal.js'
import {isThere} from '../host/files.js'

/** What a journal has so far, for whoever does not write it. */
export const readJournal = (path: string): ReadJournal =>
  isThere(path) ? decodeJournal(readFileSync(path)) : {events: [], whole: 0, damaged: []}

/** Appends to a journal: its one writer, who holds the run's lock. */
export class JournalWriter {
  readonly #fd: number
  #pending: string[] = []

  /** Whatever a power cut left of a last line is gone. */
  constructor(path: string, whole: number) {
    this.#fd = openSync(path, 'a', 0o644)
    ftruncateSync(this.#fd, whole)
  }

  /** What is added counts once it is synced: many events, one wait for the disk. */
  add(event: RunEvent): void {
    this.#pending.push(encodeEvent(event))
  }

  get isPending(): boolean {
    return this.#pending.length > 0
  }

  /** Throws what the system says of a disk that is full: what was added stays to be written. */
  sync(): void {
    if (this.#pending.length === 0) return
    const bytes = Buffer.from(this.#pending.join(''))
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done)
    fdatasyncSync(this.#fd)
    this.#pending = []
  }

  close(): void {
    this.sync()
    closeSync(this.#fd)
  }
}
