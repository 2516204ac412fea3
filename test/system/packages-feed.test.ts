import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {ERROR} from './data.js'
import {namedSource} from './deb-tree.js'
import {DATA, guest, PROFILE, scratch, xbuild} from './rig.js'

/** A run's name is its directory's: each test process has its own. */
const RUN = `feed-${process.pid}`
const OWN = `own-${process.pid}`

t.teardown(async () => {
  await xbuild(['remove', OWN])
  await execa('rm', ['-rf', join(DATA, 'runs', RUN)])
})

function edit(tree: string, file: string, change: (text: string) => string): void {
  const path = join(tree, 'debian', file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

/** A package that the environment has installed, in the version of the archive's, and with other content. */
async function renewed(t: Parameters<typeof scratch>[0], name: string): Promise<string> {
  const {stdout: version} = await guest(`dpkg-query -W -f '\${Version}' ${name}`)
  const tree = namedSource(t, 'renewed')
  for (const file of ['changelog', 'control', 'rules']) edit(tree, file, text => text.replaceAll('tiny-renewed', name))
  edit(tree, 'changelog', text => text.replace('(1.0)', `(${version})`))
  edit(tree, 'control', text => text.replace('Architecture: any\n', 'Architecture: any\nEssential: yes\n'))
  return tree
}

/** A package whose build fails unless others are what the run has made of them. */
function app(t: Parameters<typeof scratch>[0], checks: string): string {
  const tree = namedSource(t, 'app')
  edit(tree, 'control', text => text.replace('Rules-Requires-Root: no\n', 'Rules-Requires-Root: no\nBuild-Depends: tiny-lib (>= 1)\n'))
  appendFileSync(join(tree, 'debian/rules'), `build-arch: checks\nchecks:\n\t${checks}\n`)
  return tree
}

const IS_RENEWED = 'test -x /usr/bin/ncurses-bin && ! test -e /usr/bin/tput'

t.test('what was built is used by what comes after, in the place of what is installed too, and emulated it is the same', async t => {
  const [lib, own] = [namedSource(t, 'lib'), await renewed(t, 'ncurses-bin')]
  const user = app(t, `/usr/bin/tiny-lib && cat /usr/share/tiny-lib/facts && ${IS_RENEWED}`)
  edit(user, 'control', text => text.replace('tiny-lib (>= 1)', 'tiny-lib (>= 1), ncurses-bin'))
  const args = ['packages', 'build', PROFILE, user, lib, own, '--against', 'feed', '--verify', 'tiny-lib,nobody', '--no-experiments']
  const dry = await xbuild([...args, '--dry-run'])
  t.match(dry.stdout, /^tiny-app 1\.0 {2}\(after .*tiny-lib/m, dry.stderr)
  t.match(dry.stderr, /not built, so not verified: nobody/)

  const result = await xbuild([...args, '--run', RUN, '--json'])
  t.equal(result.exitCode, 0, result.stderr)
  const {counts, packages} = JSON.parse(result.stdout)
  t.match(counts, {built: 3, failed: 0})
  const verified = packages.find((one: {package: string}) => one.package === 'tiny-lib').verified
  t.match(verified, /^(identical|explained)$/)
  t.match((await xbuild(['packages', 'status', RUN])).stdout, /hybrid and emulated: 1 (identical|explained)/)
  const events = readFileSync(join(DATA, 'runs', RUN, 'journal'), 'utf8').split('\n')
  const at = (kind: string, name: string) =>
    events.findIndex(line => line.includes(`"kind":"${kind}"`) && line.includes(`"package":"${name}"`))
  t.ok(at('ended', 'tiny-lib') < at('begun', 'tiny-app'))
  t.ok(at('ended', 'ncurses-bin') < at('begun', 'tiny-app'))
})

t.test('an environment made with a repository has what that has, and takes from it what comes later', async t => {
  const directory = join(scratch(t), 'repo')
  const published = await xbuild(['packages', 'publish', RUN, directory])
  t.equal(published.exitCode, 0, published.stderr)
  const odd = await xbuild(['create', PROFILE, '--name', OWN, '--repository', scratch(t)])
  t.match(odd.stderr, ERROR)
  t.match(odd.stderr, /is not a repository for bookworm/)

  const created = await xbuild(['create', PROFILE, '--name', OWN, '--repository', directory, '--include', 'tiny-lib'])
  t.equal(created.exitCode, 0, created.stderr)
  const inside = (script: string) => xbuild(['run', OWN, '--', 'sh', '-c', script], {cwd: '/'})
  const found = await inside(`tiny-lib && cat /usr/share/tiny-lib/facts && ${IS_RENEWED}`)
  t.equal(found.exitCode, 0, found.stderr)
  const later = await inside('apt-get -qq update -o APT::Update::Error-Mode=any && apt-get -qq -y install tiny-app && tiny-app')
  t.equal(later.exitCode, 0, later.stdout + later.stderr)
  t.equal(JSON.parse((await xbuild(['info', OWN, '--json'])).stdout).repository, directory)

  const built = await xbuild(['deb', OWN, app(t, `tiny-lib && ${IS_RENEWED}`), '--out', scratch(t)])
  t.equal(built.exitCode, 0, built.stderr)
})
