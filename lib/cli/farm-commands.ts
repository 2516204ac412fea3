import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {ServeOptions} from './farm-serve.js'
import type {UseOptions} from './farm-use.js'
import type {JsonOption} from './manage.js'

const list = (value: string, all: string[] = []) => [...all, ...value.split(',').filter(Boolean)]

/** In the order in which help lists them. */
export function addFarmCommands(program: Command): void {
  const farm = program.command('farm').summary('share compilers with other machines').description(FARM)
  addServe(farm)
  addUse(farm)
  addStatus(farm)
}

const FARM =
  "Has other machines compile for an environment's sessions, by Debian's distcc: each with the very twins of the same compilers, or not at all."

function addServe(farm: Command): void {
  farm
    .command('serve')
    .argument('<env>', 'the environment')
    .option('--listen <address[:port]>', 'where clients come; by default the loopback interface, or with --allow all addresses')
    .option('--allow <networks>', 'who may connect: addresses and networks, separated by commas', list)
    .option('--jobs <number>', 'compilations at once; by default as many as there are processors')
    .option('--json', 'once it serves, say where as JSON')
    .option('--dry-run', 'show what would be done')
    .summary("compile for other machines, with an environment's compilers")
    .description(
      'Compiles for other machines until it is interrupted: distccd runs in a session of the environment that has no network, and whose changes are gone with it. A client with other compilers is turned away. Whoever may connect can run programs in that session.',
    )
    .addHelpText('after', SERVE_EXAMPLES)
    .action(
      exitWith(async (name: string, options: ServeOptions) => {
        const {farmServe} = await import('./farm-serve.js')
        return farmServe(name, options)
      }),
    )
}

const SERVE_EXAMPLES = `
Examples:
  xbuild-env farm serve mips64el --allow 192.168.7.0/24
  xbuild-env farm serve mips64el --listen 10.0.0.2 --allow 10.0.0.3,10.0.0.4 --jobs 8
  xbuild-env farm serve mips64el --listen [fd00:7::2]:4000 --allow fd00:7::/64`

function addUse(farm: Command): void {
  farm
    .command('use')
    .argument('<env>', 'the environment')
    .argument('[hosts...]', 'machines on which "farm serve" runs, as HOST or HOST:PORT')
    .option('--none', 'no more')
    .option('--json', 'the result as JSON')
    .option('--dry-run', 'show what would be done')
    .summary("have other machines compile for an environment's sessions")
    .description(
      'From now on, what "run", "shell" and "build" compile in the environment goes to these machines too, as far as they answer and have the same compilers. Nothing need be said to the build: distcc comes first where programs are looked for. They take the place of those that were named before.',
    )
    .addHelpText('after', USE_EXAMPLES)
    .action(
      exitWith(async (name: string, hosts: string[], options: UseOptions) => {
        const {farmUse} = await import('./farm-use.js')
        return farmUse(name, hosts, options)
      }),
    )
}

const USE_EXAMPLES = `
Examples:
  xbuild-env farm use mips64el build2 build3
  xbuild-env run mips64el -- make -j16
  xbuild-env farm use mips64el --none`

function addStatus(farm: Command): void {
  farm
    .command('status')
    .argument('[env]', 'the environment; may be left out where there is one')
    .option('--json', 'as JSON')
    .summary("ask the machines of an environment's farm")
    .description('Asks each machine of the farm whether it would compile now. The exit status is 1 where one would not.')
    .addHelpText('after', '\nExample:\n  xbuild-env farm status mips64el')
    .action(
      exitWith(async (name: string | undefined, options: JsonOption) => {
        const {farmStatus} = await import('./farm-use.js')
        return farmStatus(name, options)
      }),
    )
}
