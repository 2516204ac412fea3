import {Command, CommanderError} from 'commander'
import {EXIT} from '../core/errors.js'
import {addEnvironmentCommands} from './environment-commands.js'
import {addHostCommands} from './host-commands.js'
import {endQuietlyWithoutReader} from './output.js'
import {addRunCommands} from './run-commands.js'

export async function main(): Promise<void> {
  endQuietlyWithoutReader()
  const program = new Command('xbuild-env')
  program.exitOverride()
  program.enablePositionalOptions()
  addEnvironmentCommands(program)
  addRunCommands(program)
  addHostCommands(program)
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage
  }
}
