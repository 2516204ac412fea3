import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {JsonOption} from './manage.js'
import type {RunOptions} from './run.js'
import {collect} from './run-commands.js'

export function addSessionCommands(program: Command): void {
  program
    .command('ps')
    .option('--json', 'as JSON, with their processes')
    .summary('list the sessions that run')
    .description('Lists the sessions that run: in which environment, of whom, since when, with how many processes, and what began them.')
    .addHelpText('after', '\nExamples:\n  xbuild-env ps\n  xbuild-env ps --json')
    .action(
      exitWith(async (options: JsonOption) => {
        const {listSessions} = await import('./sessions.js')
        return listSessions(options)
      }),
    )
  const session = program.command('session').summary('sessions that stay').description('Sessions that stay until they are told to end.')
  addStart(session)
  session
    .command('stop')
    .argument('<session...>', 'as "session start" and "ps" print them')
    .summary('end sessions')
    .description('Ends sessions, and all that runs in them.')
    .addHelpText('after', '\nExample:\n  xbuild-env session stop 1f3a5c7e')
    .action(
      exitWith(async (ids: string[]) => {
        const {stop} = await import('./sessions.js')
        return stop(ids)
      }),
    )
  session
    .command('revert')
    .argument('<session>', 'an ephemeral one, as "session start" and "ps" print it')
    .summary('bring a session back to its start')
    .description(
      'Ends all that runs in an ephemeral session, and forgets what it has changed in the environment. What was bound is not brought back.',
    )
    .addHelpText('after', '\nExample:\n  xbuild-env session revert 1f3a5c7e')
    .action(
      exitWith(async (id: string) => {
        const {revert} = await import('./sessions.js')
        return revert(id)
      }),
    )
}

function addStart(session: Command): void {
  session
    .command('start')
    .argument('[env]', 'the environment; may be left out where there is one')
    .option('--ephemeral', 'forget what the session changes in the environment')
    .option('--mode <mode>', 'hybrid, or emulated: all programs run under qemu')
    .option('--bind <src[:dst[:ro]]>', 'show a file or directory of the host in the session', collect)
    .option('--no-project', 'do not show the current directory')
    .option('--no-network', 'a network of its own, with nothing but loopback')
    .option('--json', 'as JSON')
    .summary('begin a session, and print what it is called')
    .description(
      'Begins a session without a command, and prints what it is called. It stays until "session stop"; "run --session" runs commands in it.',
    )
    .addHelpText('after', START_EXAMPLES)
    .action(
      exitWith(async (env: string | undefined, options: RunOptions) => {
        const {start} = await import('./sessions.js')
        return start(env, options)
      }),
    )
}

const START_EXAMPLES = `
Examples:
  xbuild-env session start --ephemeral mips64el
  xbuild-env run --session 1f3a5c7e -- make check
  xbuild-env session revert 1f3a5c7e
  xbuild-env session stop 1f3a5c7e`
