import {isatty} from 'node:tty'
import pc from 'picocolors'
import {EXIT, XbuildError} from '../core/errors.js'
import {printable} from '../core/printable.js'

/** The only place that prints. Results go to standard output, everything else to standard error. */

const colors = pc.createColors(process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb')
export const {red, green, yellow} = colors

export const print = (text: string) => void process.stdout.write(`${text}\n`)
export const printJson = (value: unknown) => print(JSON.stringify(value, null, 2))
/** What must be known, also where nothing else is to be said. */
export const warn = (text: string) => void process.stderr.write(`${text}\n`)

/** `quiet`: results, warnings and errors alone. `verbose`: also what is done for them. */
export type Loudness = 'quiet' | 'normal' | 'verbose'
let loudness: Loudness = 'normal'
export const speak = (wanted: Loudness) => {
  loudness = wanted
}
export const isVerbose = () => loudness === 'verbose'

/** How something goes, and what came of it: for whoever watches. */
export const note = (text: string) => {
  if (loudness !== 'quiet') warn(text)
}

/** A log: as it is, but on a terminal, whose state is none of its business. */
export async function printLog(path: string): Promise<void> {
  const {createReadStream} = await import('node:fs')
  if (process.stdout.isTTY) {
    const {createInterface} = await import('node:readline')
    for await (const line of createInterface({input: createReadStream(path)})) print(printable(line))
    return
  }
  const {pipeline} = await import('node:stream/promises')
  await pipeline(createReadStream(path), process.stdout, {end: false})
}

/** Of a pipe that nobody reads any more, and of a terminal that has hung up. */
const GONE = ['EPIPE', 'EIO']

/**
 * A terminal that has hung up: the end is by that signal, as without a handler. Node itself would abort, where it cannot set such a
 * terminal's state anew as it ends (src/node.cc of Node 20, ResetStdio).
 */
export function endWithTerminal(): void {
  const terminals = [0, 1, 2].filter(fd => isatty(fd))
  process.on('exit', () => {
    if (terminals.every(fd => isatty(fd))) return
    process.removeAllListeners('SIGHUP')
    process.kill(process.pid, 'SIGHUP')
  })
}

/**
 * `xbuild-env list | head -1`: whoever reads has gone, and wants no more. Whoever wants it all, and cannot have it since the disk is full,
 * is told once, at the end: no result is half a one.
 */
export function heedReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    let lost: unknown
    stream.on('error', error => {
      if (!('code' in error && GONE.includes(String(error.code)))) lost ??= error
    })
    process.on('exit', () => {
      if (lost !== undefined) process.exitCode = printError(outputLost(lost))
    })
  }
}

const outputLost = (cause: unknown) =>
  new XbuildError('bad-output', `what was to be printed is lost: ${cause instanceof Error ? cause.message : cause}`, {
    hint: 'free some space where the output goes, or send it elsewhere',
    cause,
  })

/** Columns as wide as their widest entry. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => rows.reduce((width, row) => Math.max(width, (row[column] ?? '').length), 0))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What, why, and what to do. Returns the exit code. */
export function printError(error: unknown): number {
  if (error instanceof XbuildError) {
    warn(`${red('xbuild-env:')} ${error.message}`)
    if (error.hint) warn(`  ${error.hint}`)
    return error.exitCode
  }
  warn(`${red('xbuild-env:')} this is a bug in xbuild-env, please report it:`)
  warn(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT.ours
}

/** Seconds since a moment of performance.now(), for people. */
export const since = (start: number) => `${((performance.now() - start) / 1000).toFixed(1)} s`

/** A terminal on which lines can change: a dumb one would print what moves its cursor. man 5 terminfo, dumb */
const isLiveTerminal = () => process.stderr.isTTY === true && process.env.TERM !== 'dumb' && loudness === 'normal'

/** Columns. A terminal that nobody has told its size says 0 (man 2 ioctl_tty, TIOCGWINSZ), as serial lines and `script` do. */
const width = () => process.stderr.columns || 80

/** On a terminal one line that changes, elsewhere nothing. */
export class LiveLine {
  readonly isLive = isLiveTerminal()
  #shown = false

  show(text: string): void {
    if (!this.isLive) return
    process.stderr.write(`\r\u001b[K${text.slice(0, width() - 1)}`)
    this.#shown = true
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K')
    this.#shown = false
  }
}

/** How many lines the terminal has that results go to; undefined where there is none. */
export const terminalLines = (): number | undefined => (process.stdout.isTTY ? process.stdout.rows || 24 : undefined)

/** On a terminal some lines that change, below what is noted meanwhile; elsewhere nothing. */
export class LiveLines {
  readonly isLive = isLiveTerminal()
  #shown = 0

  /** How many there is room for. */
  get room(): number {
    return process.stderr.rows || 24
  }

  show(lines: readonly string[]): void {
    if (!this.isLive) return
    process.stderr.write(`${this.#up()}${lines.map(line => `\u001b[K${line.slice(0, width() - 1)}\n`).join('')}\u001b[J`)
    this.#shown = lines.length
  }

  clear(): void {
    if (this.#shown > 0) process.stderr.write(`${this.#up()}\u001b[J`)
    this.#shown = 0
  }

  /** ECMA-48, CUU: to the first of the lines. */
  #up(): string {
    return this.#shown > 0 ? `\u001b[${this.#shown}A` : ''
  }
}

/** Whether there is somebody at a terminal who can be asked. */
export const canAsk = () => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Asks on the terminal; nothing at all is a yes, and what is no clear yes a no. */
export async function ask(question: string): Promise<boolean> {
  const {createInterface} = await import('node:readline/promises')
  const terminal = createInterface({input: process.stdin, output: process.stderr})
  const ended = new AbortController()
  terminal.once('close', () => ended.abort()) // Ctrl-C, Ctrl-D
  try {
    return /^(y(es)?)?$/i.test((await terminal.question(`${question} [Y/n] `, {signal: ended.signal})).trim())
  } catch (error) {
    if (!ended.signal.aborted) throw error
    process.stderr.write('\n')
    return false
  } finally {
    terminal.close()
  }
}
