import type {Command} from 'commander'
import {exitWith} from './exit.js'
import {addPackagesBuild} from './packages-build-command.js'
import {addPackagesPlan} from './packages-plan-command.js'

/** Commands that build many packages, and look at what came of it. */
export function addBulkCommands(program: Command): void {
  const packages = program
    .command('packages')
    .summary('build many Debian packages')
    .description('Builds packages of an archive, one or all of them, and says of those that fail whose fault it is.')
  addPackagesBuild(packages)
  addPackagesPlan(packages)
  addLooks(packages)
  addControls(packages)
  addServe(packages)
  addPublish(packages)
  addAttempt(packages)
  addNodeAttempt(packages)
  addDoctorNode(packages)
}

function addLooks(packages: Command): void {
  packages
    .command('status')
    .argument('[run]', 'by default the newest')
    .option('--json', 'as JSON')
    .summary('show how a run goes')
    .addHelpText('after', '\nExamples:\n  xbuild-env packages status\n  xbuild-env packages status sample --json')
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
    .addHelpText('after', '\nExamples:\n  xbuild-env packages why tinyxml\n  xbuild-env packages why tinyxml sample --json')
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
    .addHelpText('after', '\nExamples:\n  xbuild-env packages log tinyxml\n  xbuild-env packages log tinyxml sample --attempt 2')
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
    .addHelpText('after', '\nExample:\n  xbuild-env packages diff monday tuesday')
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
    .addHelpText('after', '\nExamples:\n  xbuild-env packages serve\n  xbuild-env packages serve sample --port 0')
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
    .addHelpText(
      'after',
      '\nExamples:\n  xbuild-env packages publish sample repo\n  xbuild-env packages publish sample repo --sign builds@example.org',
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
    .addHelpText('after', '\nExamples:\n  xbuild-env packages stop\n  xbuild-env packages stop sample --now')
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
    .addHelpText('after', '\nExamples:\n  xbuild-env packages resume\n  xbuild-env packages resume sample --slots 4')
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
    .addHelpText('after', '\nExamples:\n  xbuild-env packages retry tinyxml\n  xbuild-env packages retry --verdict twin --run sample')
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
    .addHelpText('after', '\nExample:\n  xbuild-env packages shell tinyxml sample')
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

/** docs/clusters.md */
function addNodeAttempt(packages: Command): void {
  packages
    .command('attempt', {hidden: true})
    .argument('<directory>', "the run's part of the shared directory")
    .argument('<package>')
    .argument('<attempt>')
    .requiredOption('--node-data <dir>', 'where this node builds')
    .option('--jobs <number>', 'processors that it may use', '1')
    .summary('build one package of a run on a cluster: what its jobs run')
    .action(
      exitWith(async (directory: string, name: string, number: string, options: {nodeData: string; jobs: string}) => {
        const {packagesAttempt} = await import('./packages-node.js')
        return packagesAttempt(directory, name, number, options)
      }),
    )
}

/** What `doctor --engine slurm` runs on each node. */
function addDoctorNode(packages: Command): void {
  packages
    .command('doctor-node', {hidden: true})
    .argument('<shared>')
    .argument('<nonce>')
    .requiredOption('--node-data <dir>', 'where this node builds')
    .action(
      exitWith(async (shared: string, nonce: string, options: {nodeData: string}) => {
        const {doctorNode} = await import('./doctor-node.js')
        return doctorNode(shared, nonce, options.nodeData)
      }),
    )
}
