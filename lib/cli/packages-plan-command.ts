import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {PackagesPlanOptions} from './packages-plan.js'

const list = (value: string, before: readonly string[] = []) => [...before, ...value.split(',')]

/** The command that shows in which order packages would be built from nothing. */
export function addPackagesPlan(packages: Command): void {
  packages
    .command('plan')
    .argument('<env>', 'an environment of a CPU without an archive')
    .argument('[package...]', 'source packages, source trees (./DIR) or .dsc files, with which all comes that they need')
    .option('--all', 'all that have packages for the architecture')
    .option('--section <names>', 'all of these sections', list)
    .option('--profiles <names>', 'build profiles, as nocheck', list)
    .option('--json', 'as JSON')
    .summary('show in which order packages are built for a CPU without an archive')
    .description(
      'Tools are stub packages, whose twins run; libraries have to be built, each after those that it needs. Shows the rounds of what can be built side by side, which cycles there are and by what build profiles they are cut, and what cannot be built, and why.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  xbuild-env packages plan mips64 zlib openssl\n  xbuild-env packages plan mips64 ./patched-zlib curl\n  xbuild-env packages plan mips64 --all --json',
    )
    .action(
      exitWith(async (env: string, words: string[], options: PackagesPlanOptions) => {
        const {packagesPlan} = await import('./packages-plan.js')
        return packagesPlan(env, words, options)
      }),
    )
}
