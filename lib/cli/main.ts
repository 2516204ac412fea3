import {Command, CommanderError} from 'commander'
import {EXIT} from '../core/errors.js'
import {addActivatorCommands, withTodaysVerbs} from './activator-commands.js'
import {addArchiveCommands} from './archive-commands.js'
import {addEnvironmentCommands} from './environment-commands.js'
import {addHostCommands} from './host-commands.js'
import {addMeasureCommands} from './measure-commands.js'
import {endQuietlyWithoutReader} from './output.js'
import {addProjectCommands} from './project-commands.js'
import {addRunCommands} from './run-commands.js'

export async function main(): Promise<void> {
  endQuietlyWithoutReader()
  const program = new Command('xbuild-env')
  program.exitOverride()
  program.description('Builds and tests software for another CPU at nearly native speed.')
  program.version(VERSION)
  program.addHelpText('after', EXAMPLES)
  program.enablePositionalOptions()
  addEnvironmentCommands(program)
  addArchiveCommands(program)
  addRunCommands(program)
  addProjectCommands(program)
  addMeasureCommands(program)
  addActivatorCommands(program)
  addHostCommands(program)
  try {
    await program.parseAsync(withTodaysVerbs(process.argv))
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage
  }
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
