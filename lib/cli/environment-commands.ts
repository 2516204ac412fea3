import type {Command} from 'commander'
import type {CreateOptions} from './create.js'
import {exitWith} from './exit.js'

const list = (value: string) => value.split(',').filter(Boolean)

export function addEnvironmentCommands(program: Command): void {
  program
    .command('create')
    .argument('<profile>', 'the target: see "xbuild-env profiles"')
    .option('--name <name>', 'name of the environment; by default the profile\'s')
    .option('--suite <suite>', 'the distribution\'s release; by default the profile\'s')
    .option('--mirror <url>', 'where packages come from')
    .option('--include <packages>', 'more packages for the root, separated by commas', list)
    .option('--dry-run', 'show what would be done')
    .option('--json', 'the result as JSON')
    .option('--verbose', 'show all that mmdebstrap says')
    .summary('make an environment')
    .description('Makes an environment of a foreign CPU: its root, and the host-native twins of its programs.')
    .addHelpText('after', CREATE_EXAMPLES)
    .action(
      exitWith(async (profile: string, options: CreateOptions) => {
        const {create} = await import('./create.js')
        return create(profile, options)
      }),
    )
  program
    .command('__bootstrap-routes', {hidden: true})
    .argument('<profile>')
    .argument('<suite>')
    .argument('<twins>')
    .argument('<routes>')
    .argument('<tree>')
    .action(
      exitWith(async (profile: string, suite: string, twins: string, routes: string, tree: string) => {
        const {writeBootstrapRoutes} = await import('../environment/bootstrap-routes.js')
        await writeBootstrapRoutes(profile, suite, twins, routes, tree)
        return 0
      }),
    )
}

const CREATE_EXAMPLES = `
Examples:
  xbuild-env create mips64el
  xbuild-env create arm64 --suite bookworm --name old-arm
  xbuild-env create s390x --include zlib1g-dev,pkgconf`
