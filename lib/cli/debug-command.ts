import type {Command} from 'commander'
import type {DebugOptions} from './debug.js'
import {exitWith} from './exit.js'
import {addProgramOptions, commandLength} from './run-commands.js'

export function addDebugCommand(program: Command): void {
  const command = program
    .command('debug')
    .argument('[env]', 'the environment; may be left out where there is one')
    .argument('[command...]', 'after --: the program and its arguments')
    .option('--core <file>', 'show a core of the program, instead of running it')
    .option('--gdb-port <port>', 'run the program when a gdb has come to this port of 127.0.0.1, an editor’s say')
  addProgramOptions(command)
    .summary('run a program under gdb')
    .description(
      'Starts gdb with a program of an environment, as "gdb --args PROG ARG…" does in a session. Where the environment has no gdb, that is installed first. The exit status is gdb\'s; with --gdb-port, the program\'s.',
    )
    .addHelpText('after', EXAMPLES)
    .action(
      exitWith(async (env: string | undefined, command: string[], options: DebugOptions) => {
        const {debug} = await import('./debug.js')
        return debug([...(env === undefined ? [] : [env]), ...command], commandLength(), options)
      }),
    )
}

const EXAMPLES = `
Examples:
  xbuild-env debug mips64el -- ./prog --verbose input.txt
  xbuild-env debug mips64el --core qemu_prog_20261130-182000_17.core -- ./prog
  xbuild-env debug mips64el --gdb-port 2345 -- ./prog`
