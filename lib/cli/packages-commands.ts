import type {Command} from 'commander'
import {exitWith} from './exit.js'
import type {PackagesBuildOptions} from './packages-options.js'

/** Commands that build many packages, and look at what came of it. */
export function addBulkCommands(program: Command): void {
  const packages = program
    .command('packages')
    .summary('build many Debian packages')
    .description('Builds packages of an archive, one or all of them, and says of those that fail whose fault it is.')
  addBuild(packages)
  addLooks(packages)
  addControls(packages)
  addServe(packages)
  addPublish(packages)
  addAttempt(packages)
}

const list = (value: string, before: readonly string[] = []) => [...before, ...value.split(',')]

function addBuild(packages: Command): void {
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
    .option('--jobs <number>', 'processors that are used; by default all')
    .option('--slots <number>', 'packages that are built at once; by default as many as processors and memory allow')
    .option('--no-checks', "leave out the packages' own tests (nocheck)")
    .option('--profiles <names>', 'build profiles, as nodoc', list)
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
  xbuild-env packages build mips64el --list names.txt --slots 4 --timeout 1h`

function addLooks(packages: Command): void {
  packages
    .command('status')
    .argument('[run]', 'by default the newest')
    .option('--json', 'as JSON')
    .summary('show how a run goes')
    .action(
      exitWith(async (run: string | undefined, options: {json?: boolean}) => {
        const {packagesStatus} = await import('./packages-status.js')
        return packagesStatus(run, options)
      }),
    )
  packages
    .command('why')
    .argument('<package>')
    .argument('[run]', 'by default the newest')
    .option('--json', 'as JSON')
    .summary('say why a package failed, whose fault it is, and what waits for it')
    .action(
      exitWith(async (name: string, run: string | undefined, options: {json?: boolean}) => {
        const {packagesWhy} = await import('./packages-why.js')
        return packagesWhy(name, run, options)
      }),
    )
  packages
    .command('log')
    .argument('<package>')
    .argument('[run]', 'by default the newest')
    .option('--attempt <number>', 'by default the one that tells of the package')
    .summary('print the log of a package')
    .action(
      exitWith(async (name: string, run: string | undefined, options: {attempt?: string}) => {
        const {packagesLog} = await import('./packages-why.js')
        return packagesLog(name, run, options)
      }),
    )
  packages
    .command('diff')
    .argument('<earlier>')
    .argument('<later>')
    .option('--json', 'as JSON')
    .summary('compare two runs')
    .action(
      exitWith(async (earlier: string, later: string, options: {json?: boolean}) => {
        const {packagesDiff} = await import('./packages-diff.js')
        return packagesDiff(earlier, later, options)
      }),
    )
}

function addServe(packages: Command): void {
  packages
    .command('serve')
    .argument('[run]', 'by default the newest')
    .option('--port <number>', 'of the loopback; 0: any that is free', '8000')
    .summary("serve a run's page to browsers of this machine")
    .description(
      "Serves a run's page at http://127.0.0.1:PORT until Ctrl-C. The same page lies in the run's directory: any server can serve it, and a browser can open index.html there.",
    )
    .action(
      exitWith(async (run: string | undefined, options: {port: string}) => {
        const {packagesServe} = await import('./packages-serve.js')
        return packagesServe(run, options)
      }),
    )
}

function addPublish(packages: Command): void {
  packages
    .command('publish')
    .argument('<run>')
    .argument('<directory>', 'the repository; it is made where it is not there')
    .option('--sign <key>', "a key of your own keyring, as gpg takes it; by default one is made and kept with xbuild-env's data")
    .option('--json', 'as JSON')
    .summary('put what a run built into a repository for apt')
    .description(
      'Makes a new generation of a repository, signed, from one moment to the next: whoever reads it meanwhile finds all of the last one. What other runs brought stays, but for packages that this one has too. Prints what apt takes as a source.',
    )
    .action(
      exitWith(async (run: string, directory: string, options: {sign?: string; json?: boolean}) => {
        const {packagesPublish} = await import('./packages-publish.js')
        return packagesPublish(run, directory, options)
      }),
    )
}

function addControls(packages: Command): void {
  packages
    .command('stop')
    .argument('[run]', 'by default the newest')
    .option('--now', 'end what is being built, too')
    .summary('begin nothing more; what is being built is finished')
    .action(
      exitWith(async (run: string | undefined, options: {now?: boolean}) => {
        const {packagesStop} = await import('./packages-control.js')
        return packagesStop(run, options)
      }),
    )
  packages
    .command('resume')
    .argument('[run]', 'by default the newest')
    .option('--jobs <number>', 'processors that are used; by default all')
    .option('--slots <number>', 'packages that are built at once')
    .option('--json', 'the result as JSON')
    .summary('go on with a run that was stopped, interrupted or killed')
    .action(
      exitWith(async (run: string | undefined, options: {jobs?: string; slots?: string; json?: boolean}) => {
        const {packagesResume} = await import('./packages-control.js')
        return packagesResume(run, options)
      }),
    )
  packages
    .command('retry')
    .argument('[package...]')
    .option('--run <name>', 'by default the newest')
    .option('--failed', 'all that failed')
    .option('--verdict <name>', 'all of a verdict')
    .option('--jobs <number>', 'processors that are used; by default all')
    .option('--slots <number>', 'packages that are built at once')
    .option('--json', 'the result as JSON')
    .summary('build packages of a run again')
    .action(
      exitWith(async (names: string[], options: {run?: string; failed?: boolean; verdict?: string}) => {
        const {packagesRetry} = await import('./packages-control.js')
        return packagesRetry(names, options)
      }),
    )
  packages
    .command('shell')
    .argument('<package>')
    .argument('[run]', 'by default the newest')
    .summary('build a package again, and open a shell where it fails')
    .action(
      exitWith(async (name: string, run: string | undefined) => {
        const {packagesShell} = await import('./packages-control.js')
        return packagesShell(name, run)
      }),
    )
}

function addAttempt(packages: Command): void {
  packages
    .command('__attempt', {hidden: true})
    .argument('<run>')
    .argument('<package>')
    .argument('<attempt>')
    .argument('<way>')
    .argument('<jobs>')
    .action(
      exitWith(async (run: string, name: string, number: string, way: string, jobs: string) => {
        const {attempt} = await import('./packages-attempt.js')
        return attempt(run, name, number, way, jobs)
      }),
    )
}
