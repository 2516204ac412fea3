import {Command, CommanderError} from 'commander'
import {EXIT} from '../core/errors.js'
import {endQuietlyWithoutReader} from './output.js'
import {addRunCommands} from './run-commands.js'

export async function main(): Promise<void> {
  endQuietlyWithoutReader()
  const program = new Command('xbuild-env')
  program.exitOverride()
  program.description('Builds and tests software for another CPU at nearly native speed.')
  program.version(VERSION)
  program.addHelpText('after', EXAMPLES)
  program.enablePositionalOptions()
  const argv = await addCommands(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage
  }
}

/**
 * Adds the commands, and returns the command line for them. A session is what is started most often, and by scripts: it does not
 * wait for what the other commands can.
 */
async function addCommands(program: Command): Promise<string[]> {
  const [, , verb] = process.argv
  if (verb === 'run' || verb === 'shell') {
    addRunCommands(program)
    return process.argv
  }
  const {addAllCommands, withTodaysVerbs} = await import('./commands.js')
  addAllCommands(program)
  return withTodaysVerbs(process.argv)
}

/** As package.json has it; a test compares them. */
const VERSION = '0.1.0'

const EXAMPLES = `
Examples:
  xbuild-env create mips64el
  xbuild-env shell mips64el
  xbuild-env run mips64el -- make check
  xbuild-env install mips64el zlib1g-dev
  xbuild-env doctor`
