import {type ChildProcess, spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import type {Test} from 'tap'
import {CLI, PROFILE, plainVariables} from './rig.js'

/** A terminal of the host's, made by script(1), with a bash script in it in which `xb` is xbuild-env. */
export class Terminal {
  readonly #child: ChildProcess
  readonly ended: Promise<number | null>
  output = ''
  #seen = 0

  constructor(t: Test, script: string, options: {cwd?: string} = {}) {
    const variables = plainVariables({
      NODE: process.execPath,
      CLI,
      TERM: 'xterm',
      SCRIPT: `stty rows 33 cols 101; xb() { "$NODE" "$CLI" "$@"; }; ${script}`,
    })
    this.#child = spawn('script', ['-qefc', 'exec bash -c "$SCRIPT"', '/dev/null'], {
      cwd: options.cwd,
      env: {...variables, SHELL: '/bin/sh'},
    })
    t.teardown(() => this.#child.kill('SIGKILL'))
    this.#child.stdin?.on('error', () => {}) // it has ended
    this.#child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.output += text
    })
    this.ended = new Promise(resolve => this.#child.on('close', resolve))
  }

  /** Who looked at it has gone for good. */
  hangUp(): void {
    this.#child.kill('SIGKILL')
  }

  type(keys: string): void {
    this.#child.stdin?.write(Buffer.from(keys, 'latin1'))
  }

  /** Nobody looks at the terminal, until `look`: it takes output until what lies between is full. */
  lookAway(): void {
    this.#child.stdout?.pause()
  }

  look(): void {
    this.#child.stdout?.resume()
  }

  /** Waits for output behind what was waited for before. */
  async until(wanted: string | RegExp, seconds = 20): Promise<string> {
    const pattern = typeof wanted === 'string' ? new RegExp(wanted.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')) : wanted
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      const found = pattern.exec(this.output.slice(this.#seen))
      if (found) {
        this.#seen += found.index + found[0].length
        return found[1] ?? found[0]
      }
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    throw new Error(`${pattern} did not come: ${JSON.stringify(this.output.slice(this.#seen))}`)
  }

  /** A command line for a shell that does not echo; resolves with what it printed, when it has ended. */
  async command(line: string): Promise<string> {
    const end = randomUUID()
    this.type(`${line}; echo "<"${end}">"\r`)
    return (await this.until(new RegExp(`([\\s\\S]*)<${end}>`))).replaceAll('\r\n', '\n')
  }
}

/** An interactive shell in a session. */
export async function shell(t: Test, args: readonly string[] = [], options: {cwd?: string; after?: string} = {}): Promise<Terminal> {
  const terminal = new Terminal(t, `xb shell ${PROFILE} --ephemeral ${args.join(' ')}; ${options.after ?? 'true'}`, options)
  await terminal.until(/[#$] /)
  terminal.type('PS1=; set +o emacs; bind "set enable-bracketed-paste off"; stty -echo; echo re""ady\r')
  await terminal.until('ready\r\n')
  return terminal
}
