import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {JsonOption} from './manage.js'

/** An environment as one file: for the caches of CI systems, and machines without a network. */
export function addArchiveCommands(program: Command): void {
  program
    .command('export')
    .argument('<env>', 'the environment')
    .argument('<file>', 'the file to write')
    .option('--json', 'the result as JSON')
    .summary('write an environment into one file')
    .description(
      'Writes an environment with all that it is made of into one file, with a checksum: for caches, and machines without a network.',
    )
    .addHelpText('after', '\nExample:\n  xbuild-env export mips64el mips64el.xbe')
    .action(
      exitWith(async (name: string, file: string, options: JsonOption) => {
        const {exportCommand} = await import('./archive.js')
        return exportCommand(name, file, options)
      }),
    )
  program
    .command('import')
    .argument('<file>', 'what "export" wrote')
    .option('--name <name>', 'name of the environment; by default that which was exported')
    .option('--json', 'the result as JSON')
    .summary('make an environment of such a file')
    .description('Makes an environment of a file that "xbuild-env export" wrote, without a network. The file is checked first.')
    .addHelpText('after', '\nExample:\n  xbuild-env import mips64el.xbe --name copy')
    .action(
      exitWith(async (file: string, options: JsonOption & {name?: string}) => {
        const {importCommand} = await import('./archive.js')
        return importCommand(file, options)
      }),
    )
}
