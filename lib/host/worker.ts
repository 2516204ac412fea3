import {type ChildProcess, spawn} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {constants} from 'node:os'
import type {Readable} from 'node:stream'
import {missingProgram} from './programs.js'

/** This program once more, at some part of the work. */
export interface Worker {
  /** Its exit code, or 128 and the signal's number. */
  ended: Promise<number>
  /** `ask`: SIGTERM. `kill`: it and what it has started end at once. */
  end: (how: 'ask' | 'kill') => void
}

/**
 * Starts this program with other arguments. It does not hear the terminal's signals, which are this process's, and goes with it
 * (setpriv). `lines` gets what it prints; what it has to say to people is appended to a file.
 */
export function startWorker(args: readonly string[], errors: string, lines: (line: string) => void): Worker {
  const [, program = ''] = process.argv
  const log = openSync(errors, 'a')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, program, ...args], {
    stdio: ['ignore', 'pipe', log],
    detached: true,
  })
  closeSync(log)
  readLines(child.stdout as Readable, lines)
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', error => reject(missingProgram('setpriv', error)))
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
  })
  return {ended, end: how => end(child, how)}
}

function end(child: ChildProcess, how: 'ask' | 'kill'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  if (how === 'ask') child.kill('SIGTERM')
  else process.kill(-child.pid, 'SIGKILL')
}

function readLines(stream: Readable, use: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) use(line)
  })
}
