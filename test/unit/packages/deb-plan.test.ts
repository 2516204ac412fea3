import t from 'tap'
import {buildStep, type DebPlan, describePlan, fetchStep, installStep, lookStep, unpackStep} from '../../../lib/packages/deb-plan.js'

const PLAN: DebPlan = {
  source: {kind: 'archive', name: 'zlib', version: '1:1.2.13.dfsg-1', named: 'source'},
  packages: 'any',
  checks: 'run',
  profiles: [],
  jobs: 4,
  mode: 'hybrid',
}
const SOURCE = {name: 'zlib', version: '1:1.2.13.dfsg-1'}

t.test('a build has an ordinary user, no network, no home and nothing of the caller', async t => {
  const {script, ...rest} = buildStep(PLAN, SOURCE)
  t.match(script, /^dpkg-buildpackage -us -uc -B$/m)
  t.same(rest, {
    name: 'build',
    user: 'builder',
    network: 'own',
    directory: '/build/reproducible-path/zlib-1.2.13.dfsg',
    variables: {HOME: '/nonexistent', LC_ALL: 'C.UTF-8', DEB_BUILD_OPTIONS: 'parallel=4'},
  })
})

t.test('without checks, what only they need is not installed either', async t => {
  const plan: DebPlan = {...PLAN, checks: 'skip'}
  t.match(buildStep(plan, SOURCE).variables, {DEB_BUILD_OPTIONS: 'parallel=4 nocheck', DEB_BUILD_PROFILES: 'nocheck'})
  t.match(
    installStep(plan, SOURCE).script,
    / build-dep --allow-downgrades --arch-only --build-profiles nocheck -- \/build\/reproducible-path\/zlib-1\.2\.13\.dfsg\/ /,
  )
})

t.test('packages for all architectures need what is said for them', async t => {
  const plan: DebPlan = {...PLAN, packages: 'all'}
  t.match(buildStep(plan, SOURCE).script, / -b$/m)
  t.notMatch(installStep(plan, SOURCE).script, '--arch-only')
})

t.test('only what apt does has the network', async t => {
  const steps = [
    fetchStep(PLAN),
    unpackStep('zlib.dsc', SOURCE),
    lookStep(PLAN, SOURCE),
    installStep(PLAN, SOURCE),
    buildStep(PLAN, SOURCE),
  ]
  t.same(
    steps.map(({name, user, network}) => `${name} ${user} ${network}`),
    ['fetch root host', 'unpack builder own', 'look root host', 'install root host', 'build builder own'],
  )
})

t.test('a source of the archive is fetched by name and version; others are there', async t => {
  t.match(fetchStep(PLAN).script, /^apt-get --only-source --download-only source -- zlib=1:1\.2\.13\.dfsg-1$/m)
  const any: DebPlan = {...PLAN, source: {kind: 'archive', name: 'zlib1g', version: undefined, named: 'any'}}
  t.match(
    fetchStep(any).script,
    /^if apt-cache --only-source showsrc -- zlib1g .*\n\tapt-get --only-source .* zlib1g\nelse\n\tapt-get --download-only source -- zlib1g\nfi$/m,
  )
  const directory: DebPlan = {...PLAN, source: {kind: 'directory', path: '/p', without: undefined, ...SOURCE}}
  t.notMatch(fetchStep(directory).script, ' source ')
  t.same(
    describePlan(directory).map(({name}) => name),
    ['fetch', 'look', 'install', 'build'],
  )
})
