import {Command} from 'commander'
import {EXIT, XbuildError} from '../core/errors.js'
import {exitWith} from './exit.js'
import {heedReaders, printError} from './output.js'
import {runProgram} from './program.js'
import {execute, NOT_RUN, serve, type VirtOptions} from './virt.js'

interface Options extends VirtOptions {
  execute?: string
}

/** The program that sbuild and autopkgtest start. */
export async function main(): Promise<void> {
  heedReaders()
  const program = new Command('autopkgtest-virt-xbuild')
  program.exitOverride()
  program
    .argument('[env]', 'the environment')
    .argument('[command...]')
    .option('--mode <mode>', 'hybrid, or emulated: all programs run under qemu')
    .option('--build-network', 'leave the network to dpkg-buildpackage, too')
    .option('--data <directory>', 'where the environments are')
    .option('-d, --debug', 'is accepted, and does nothing')
    .option('--execute <session>', 'run a command in an open testbed: what print-execute-command says')
    .description("Serves an environment as a testbed, by autopkgtest's protocol on standard input and output.")
    .addHelpText('after', EXAMPLES)
    .action(
      exitWith(async (name: string | undefined, _command: string[], options: Options) => {
        if (options.execute !== undefined) return execute(options.execute, commandLength(), options).catch(notRun)
        if (name !== undefined) return serve(name, options)
        throw new XbuildError('usage', 'which environment?', {hint: '"xbuild-env list" shows those that there are'})
      }),
    )
  await runProgram(program, process.argv)
}

/** An exit status of ours would be the command's. */
function notRun(error: unknown): number {
  const exitCode = printError(error)
  return exitCode === EXIT.ours ? NOT_RUN : exitCode
}

const commandLength = () => process.argv.length - process.argv.indexOf('--') - 1

const EXAMPLES = `
Examples:
  sbuild --chroot-mode=autopkgtest --autopkgtest-virt-server=autopkgtest-virt-xbuild \\
    --autopkgtest-virt-server-opt=mips64el --arch=mips64el --dist=bookworm hello_2.10-3.dsc
  autopkgtest --apt-upgrade hello -- xbuild mips64el`
