import {appendFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {namedSource} from './deb-tree.js'
import {DATA, PROFILE, scratch, xbuild} from './rig.js'
import {noSlurm, TestCluster} from './slurm/cluster.js'

const skip = noSlurm() ?? false
const RUN = `test-${process.pid}-slurm-feed`
const NATIVE = `native-${process.pid}`

t.teardown(async () => {
  await xbuild(['remove', NATIVE])
  await execa('rm', ['-rf', join(DATA, 'runs', RUN)])
})

const rules = (tree: string, more: string) => appendFileSync(join(tree, 'debian/rules'), more)

/** Its build fails unless tiny-one is what the run has made of it. */
function app(t: Parameters<typeof scratch>[0]): string {
  const tree = namedSource(t, 'app')
  const control = join(tree, 'debian/control')
  writeFileSync(
    control,
    readFileSync(control, 'utf8').replace('Rules-Requires-Root: no\n', 'Rules-Requires-Root: no\nBuild-Depends: tiny-one\n'),
  )
  rules(tree, 'build-arch: checks\nchecks:\n\t/usr/bin/tiny-one\n')
  return tree
}

function broken(t: Parameters<typeof scratch>[0]): string {
  const tree = namedSource(t, 'broken')
  rules(tree, 'build-arch: fails\nfails:\n\tfalse\n')
  return tree
}

t.test('nodes use what others have built, verify it, and try natively what fails', {skip}, async t => {
  const cluster = await TestCluster.start(t, ['n2', 'n3'], 1)
  const place = scratch(t)
  const [shared, nodeData] = ['shared', 'nodes'].map(name => join(place, name)) as [string, string]
  for (const directory of [shared, nodeData]) mkdirSync(directory)
  const made = await xbuild(['create', 'amd64', '--name', NATIVE])
  t.equal(made.exitCode, 0, made.stderr)

  const trees = [namedSource(t, 'one'), app(t), broken(t)]
  const where = ['--engine', 'slurm', '--shared', shared, '--node-data', nodeData]
  const how = ['--against', 'feed', '--verify', 'tiny-one', '--native', NATIVE, '--run', RUN, '--json']
  const run = await xbuild(['packages', 'build', PROFILE, ...trees, ...where, ...how], {variables: cluster.variables})
  t.equal(run.exitCode, 1, run.stderr)
  const {counts, packages, failures} = JSON.parse(run.stdout)
  t.match(counts, {built: 2, failed: 1})
  const {verified} = packages.find((one: {package: string}) => one.package === 'tiny-one')
  t.match(verified, /^(identical|explained)$/)
  t.match(failures, [{package: 'tiny-broken', verdict: 'package'}])

  const events = readFileSync(join(DATA, 'runs', RUN, 'journal'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const ways = (name: string) => events.flatMap(({kind, package: of, way}) => (kind === 'begun' && of === name ? [way] : []))
  t.same(ways('tiny-one'), ['hybrid', 'emulated'])
  t.same(ways('tiny-app'), ['hybrid'], 'it was built after what it needs')
  t.ok(ways('tiny-broken').includes('native'))
})
