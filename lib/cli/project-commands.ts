import type {Command} from 'commander'
import type {ConfigOptions} from './config.js'
import {exitWith} from './exit.js'

/** Commands that work on a project: a source tree with a configuration. */
export function addProjectCommands(program: Command): void {
  addConfig(program)
}

function addConfig(program: Command): void {
  program
    .command('config')
    .option('--origins', 'say where each value comes from')
    .option('--schema', 'print the JSON schema of a configuration, for editors')
    .option('--json', 'as JSON')
    .summary("every value in force: settings, and the project's configuration")
    .description("Shows every value in force: the user's settings, and the configuration of the project here, where there is one.")
    .addHelpText('after', '\nExamples:\n  xbuild-env config --origins\n  xbuild-env config --schema > schema.json')
    .action(
      exitWith(async (options: ConfigOptions) => {
        const {config} = await import('./config.js')
        return config(options)
      }),
    )
}
