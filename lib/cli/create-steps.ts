import type {Command} from 'commander'
import {exitWith} from './exit.js'

/** What xbuild-env calls itself with, in the course of `create`: from hooks of mmdebstrap, and as root of a user namespace. */
export function addCreateSteps(program: Command): void {
  addFillTwins(program)
  addLayOut(program)
  addBootstrapRoutes(program)
  addMakeStubs(program)
}

function addMakeStubs(program: Command): void {
  program
    .command('__make-stubs', {hidden: true})
    .argument('<jobs>')
    .action(
      exitWith(async (jobs: string) => {
        const {makeStubsOf} = await import('../packages/deb-stubs.js')
        await makeStubsOf(jobs)
        return 0
      }),
    )
}

function addFillTwins(program: Command): void {
  program
    .command('__fill-twins', {hidden: true})
    .argument('<profile>')
    .argument('<suite>')
    .argument('<tree>')
    .argument('<package...>')
    .option('--base <tree>')
    .action(
      exitWith(async (profile: string, suite: string, tree: string, packages: string[], {base}: {base?: string}) => {
        const [{fillTwins}, {print}] = await Promise.all([import('../twins/fill.js'), import('./output.js')])
        await fillTwins({profile, suite, base, tree, packages, onLine: print})
        return 0
      }),
    )
}

function addLayOut(program: Command): void {
  program
    .command('__lay-out', {hidden: true})
    .argument('<profile>')
    .argument('<suite>')
    .argument('<host>')
    .argument('<twins>')
    .argument('<tree>')
    .action(
      exitWith(async (profile: string, suite: string, hostTree: string, twinTree: string, tree: string) => {
        const {layOutRoot} = await import('../environment/cross-root.js')
        await layOutRoot(profile, suite, hostTree, twinTree, tree)
        return 0
      }),
    )
}

function addBootstrapRoutes(program: Command): void {
  program
    .command('__bootstrap-routes', {hidden: true})
    .argument('<mode>')
    .argument('<profile>')
    .argument('<suite>')
    .argument('<twins>')
    .argument('<places>')
    .argument('<tree>')
    .action(
      exitWith(async (mode: string, profile: string, suite: string, twins: string, places: string, tree: string) => {
        const {parseMode} = await import('../core/session/mode.js')
        const {writeBootstrapRoutes} = await import('../environment/bootstrap-routes.js')
        const {print} = await import('./output.js')
        const native = await writeBootstrapRoutes({mode: parseMode(mode), profile, suite, twinSet: twins, places, tree})
        print(`native from now on: ${native.join(' ') || 'nothing'}`)
        return 0
      }),
    )
}
