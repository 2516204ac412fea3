import type {Command} from 'commander'
import {addBench} from './bench-commands.js'
import {exitWith} from './exit.js'
import {collect} from './run-commands.js'
import {addTraceCommand} from './trace-commands.js'
import type {VerifyOptions} from './verify.js'

/** Commands that look at how xbuild-env does its work. */
export function addMeasureCommands(program: Command): void {
  addTraceCommand(program)
  addVerify(program)
  addBench(program)
}

function addVerify(program: Command): void {
  program
    .command('verify')
    .argument('<env>', 'the environment')
    .argument('[dir]', 'the source tree; by default the current directory')
    .option('--build <command>', 'a shell command that builds it; by default what the tree suggests')
    .option('--runs <number>', 'hybrid builds: from the second on, they show what differs by itself', '2')
    .option('--env <name=value>', 'set a variable, or pass the one of that name on', collect)
    .option('--no-network', 'a network of its own, with nothing but loopback')
    .option('--keep <directory>', 'keep the built trees and what the builds printed there')
    .option('--json', 'the result as JSON')
    .summary('build in both modes, and compare what comes of it')
    .description(
      "Builds copies of a source tree, hybrid and emulated, in ephemeral sessions, and compares every file that was made. Also searches the hybrid build's files for traces of the host. The exit status is 0 where all is the same, or differs for a stated cause; else 1.",
    )
    .addHelpText('after', VERIFY_EXAMPLES)
    .action(
      exitWith(async (env: string, directory: string | undefined, options: VerifyOptions) => {
        const {verifyCommand} = await import('./verify.js')
        return verifyCommand(env, directory, options)
      }),
    )
}

const VERIFY_EXAMPLES = `
Examples:
  xbuild-env verify mips64el
  xbuild-env verify mips64el ./sed-4.9 --build './configure --disable-nls && make -j2'
  xbuild-env verify s390x --build make --keep /tmp/both`
