import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {PackagesBuildOptions} from './packages-options.js'

const list = (value: string, before: readonly string[] = []) => [...before, ...value.split(',')]

/** The command that begins a run. */
export function addPackagesBuild(packages: Command): void {
  packages
    .command('build')
    .argument('<env>', 'the environment')
    .argument('[package...]', 'source packages of its archives (NAME, NAME=VERSION), source trees (./DIR) or .dsc files')
    .option('--list <file>', 'a file with a name on each line; - is standard input')
    .option('--section <names>', 'all of these sections', list)
    .option('--all', 'all that have packages for the architecture')
    .option('--sample <number>', 'so many of these, drawn by the seed')
    .option('--seed <text>', 'what the sample is drawn by', '1')
    .option('--max-size <size>', 'of what is not named, only sources of at most this size, as 5M')
    .option('--run <name>', 'what the run is called; by default the environment and the date')
    .option('--jobs <number>', 'processors that are used; by default all; with --engine slurm: of each package, by default 1')
    .option('--slots <number>', 'packages that are built at once; by default as many as processors and memory allow')
    .option('--engine <name>', 'local: on this machine; slurm: on a cluster', 'local')
    .option('--partition <name>', "of the cluster; by default the cluster's own default")
    .option('--shared <dir>', 'a directory that this machine and all nodes see at the same path; by default one where the data lies')
    .option('--node-data <dir>', 'where nodes build: on a disk of their own; by default /var/tmp/xbuild-env-UID')
    .option('--no-checks', "leave out the packages' own tests (nocheck)")
    .option('--profiles <names>', 'build profiles, as nodoc', list)
    .option(
      '--against <what>',
      'where build dependencies come from: archive; feed: what the run has built, in the order of their needs; or, for a CPU without an archive, nothing: all that is needed is built first',
      'archive',
    )
    .option('--first <what>', 'longest: all are done soonest; shortest: most are done at any time', 'longest')
    .option('--native <env>', "an environment of the host's own architecture, for verdicts; by default one of the same suite")
    .option('--no-experiments', 'do not find out whose fault failures are')
    .option('--budget <time>', 'how long may be spent to find out of one package', '8h')
    .option('--timeout <time>', 'how long an attempt may take', '4h')
    .option('--silence <time>', 'how long it may print nothing and use no processor time', '30m')
    .option('--memory <size>', 'how much memory its processes may have together, as 4G')
    .option('--processes <number>', 'how many processes it may have', '4096')
    .option('--disk <size>', 'how much it may write, as 20G')
    .option('--retries <number>', "how often it is tried again for what is nobody's fault: a mirror's missing file", '2')
    .option('--no-trace', 'do not record what ran native and what emulated')
    .option('--compare-archive', "compare what is built with the archive's own packages of that version, built on real hardware")
    .option('--verify <what>', 'build these emulated, too, and compare the packages: a share, as 10%, or names', list)
    .option('--no-check-installable', 'do not ask dose-builddebcheck what cannot be installed')
    .option('--dry-run', 'show what would be built')
    .option('--json', 'the result as JSON')
    .summary('build packages, and go on to the next')
    .description(
      'Builds source packages as deb does, side by side, and goes on when one fails. Ctrl-C ends what runs and keeps what is done; a second one ends it at once; "packages resume" goes on. The exit status is 0 where all were built, and 1 where some were not.',
    )
    .addHelpText('after', BUILD_EXAMPLES)
    .action(
      exitWith(async (env: string, words: string[], options: PackagesBuildOptions) => {
        const {packagesBuild} = await import('./packages-build.js')
        return packagesBuild(env, words, options)
      }),
    )
}

const BUILD_EXAMPLES = `
Examples:
  xbuild-env packages build mips64el hello bc dnstracer
  xbuild-env packages build mips64el --sample 150 --seed 1 --max-size 5M --run sample
  xbuild-env packages build mips64el --section libs,utils --no-checks --dry-run
  xbuild-env packages build mips64el --sample 50 --verify 10% --compare-archive
  xbuild-env packages build mips64el ./libmine ./app --against feed
  xbuild-env packages build mips64 zlib --against nothing
  xbuild-env packages build mips64el --all --engine slurm --partition long --shared /scratch/ada
  xbuild-env packages build mips64el --list names.txt --slots 4 --timeout 1h`
