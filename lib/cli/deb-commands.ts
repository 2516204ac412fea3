import type {Command} from 'commander'
import type {DebOptions} from './deb.js'
import {exitWith} from './exit.js'

/** Commands that build packages of the environment's distribution. */
export function addPackageCommands(program: Command): void {
  program
    .command('deb')
    .argument('<env>', 'the environment')
    .argument('[package|dir|.dsc]', 'a source package of its archives (NAME, NAME=VERSION), a source tree (./DIR) or a .dsc; by default .')
    .option('--all', 'build the packages for all architectures, too')
    .option('--no-checks', "leave out the package's own tests (nocheck)")
    .option('--jobs <number>', 'processes that may work at once; by default as many as there are processors')
    .option('--out <directory>', 'where the packages and the log go', 'out')
    .option('--mode <mode>', 'hybrid, or emulated: all programs run under qemu')
    .option('--verify', 'build it emulated, too, and compare the packages')
    .option('--shell', 'where it fails, open a shell there')
    .option('--trace', 'record each exec of the build, and of installing what it needs; the traces come beside the log')
    .option('--dry-run', 'show what would be done')
    .option('--json', 'the result as JSON')
    .summary('build a Debian source package')
    .description(
      "Builds a Debian source package as sbuild and Debian's own machines do: its build dependencies are installed in a layer over the environment that is thrown away; then it is built and tested as an ordinary user, without a network. The environment, and a source tree, stay as they are. The exit status of a build that fails is that of dpkg-buildpackage.",
    )
    .addHelpText('after', DEB_EXAMPLES)
    .action(
      exitWith(async (env: string, source: string | undefined, options: DebOptions) => {
        const {deb} = await import('./deb.js')
        return deb(env, source ?? '.', options)
      }),
    )
}

const DEB_EXAMPLES = `
Examples:
  xbuild-env deb mips64el hello
  xbuild-env deb mips64el zlib=1:1.2.13.dfsg-1 --verify
  xbuild-env deb mips64el ./bc-1.07.1 --shell
  xbuild-env deb mips64el hello --trace && xbuild-env trace out/hello_*.trace
  xbuild-env deb s390x bc_1.07.1-3.dsc --no-checks --out debs`
