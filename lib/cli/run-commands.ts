import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {RunOptions} from './run.js'

/** For an option that may be given several times. */
export const collect = (value: string, all: string[] = []) => [...all, value]

/** What a program in a session finds: files, variables, its user and its directory. */
export const addProgramOptions = (command: Command): Command =>
  command
    .option('-v, --bind <src[:dst[:ro]]>', 'show a file or directory of the host in the session', collect)
    .option('-e, --env <name=value>', 'set a variable, or pass the one of that name on', collect)
    .option('-u, --user <name>', 'a user of the environment', 'root')
    .option('-w, --workdir <directory>', 'start there instead of in the current directory')

function addSessionOptions(command: Command): Command {
  const asked = command
    .option('--mode <mode>', 'hybrid, or emulated: all programs run under qemu')
    .option('--session <session>', 'in a session that runs, as "session start" and "ps" print it')
    .option('--ephemeral', 'forget what the session changes in the environment')
  return addProgramOptions(asked)
    .option('--no-network', 'a network of its own, with nothing but loopback')
    .option('--memory <size>', 'of memory, what all programs may take together: 512M, 4G (cgroup v2)')
    .option('--pids <number>', 'how many processes and threads there may be at once (cgroup v2)')
    .option('--timeout <duration>', 'end the session after 30s, 20m, 4h: SIGTERM, SIGKILL 5 s later; exit status 124')
    .option('--trace <file>', 'record each exec, and how it was run: read it with "xbuild-env trace"')
    .option('--stats', 'at the end, say on standard error what ran native and what emulated')
    .option('-y, --yes', 'where a profile is named and there is no environment of it: make it, without asking')
    .option('--dry-run', 'show what the session would be made of')
    .option('--json', 'with --dry-run: as JSON')
}

/** How many words stand after `--`: the command and its arguments. */
export function commandLength(): number {
  const separator = process.argv.indexOf('--')
  return separator === -1 ? 0 : process.argv.length - separator - 1
}

export function addRunCommands(program: Command): void {
  addSessionOptions(
    program
      .command('run')
      .alias('exec')
      .argument('[env]', 'the environment; may be left out where there is one')
      .argument('[command...]', 'after --: the command and its arguments')
      .summary('run one command in an environment')
      .description("Runs one command in an environment, with the current directory at its own path. The exit status is the command's."),
  )
    .addHelpText('after', RUN_EXAMPLES)
    .action(
      exitWith(async (env: string | undefined, command: string[], options: RunOptions) => {
        const {run} = await import('./run.js')
        const words = [...(env === undefined ? [] : [env]), ...command]
        return run(words, commandLength(), options)
      }),
    )
  addSessionOptions(
    program
      .command('shell')
      .argument('[env]', 'the environment; may be left out where there is one')
      .summary('an interactive shell in an environment')
      .description("Starts the shell of an environment's user, with the current directory at its own path."),
  )
    .addHelpText('after', SHELL_EXAMPLES)
    .action(
      exitWith(async (env: string | undefined, options: RunOptions) => {
        const {shell} = await import('./run.js')
        return shell(env, options)
      }),
    )
}

const RUN_EXAMPLES = `
Examples:
  xbuild-env run mips64el -- ./configure --disable-nls
  xbuild-env run mips64el -- make -j2 check
  xbuild-env run --mode emulated mips64el -- make check
  xbuild-env run --trace build.trace mips64el -- make -j8
  xbuild-env run --session 1f3a5c7e -- make check
  xbuild-env run --yes aarch64 -- uname -m
  xbuild-env run s390x --ephemeral --bind ~/cache:/cache -- sh -c 'make && cp out /cache'`

const SHELL_EXAMPLES = `
Examples:
  xbuild-env shell mips64el
  xbuild-env shell --ephemeral --user nobody s390x`
