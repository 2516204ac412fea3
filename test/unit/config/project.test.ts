import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {findProjectFile, parseProject} from '../../../lib/config/project.js'
import {projectJsonSchema} from '../../../lib/config/project-schema.js'
import {projectValues} from '../../../lib/config/project-values.js'
import {PROJECT} from '../sources.js'

const FILE = '/p/xbuild-env.yaml'
const MINIMAL = 'targets: [arm64]\nsteps: {build: make}\n'

/** Of a file that is refused, each mistake as `line:column: message`. */
async function mistakes(text: string, path = FILE): Promise<string[]> {
  const error = await parseProject(text, path).then(
    () => undefined,
    (reason: unknown) => reason as {message: string; reason: string; exitCode: number},
  )
  if (error?.reason !== 'bad-config') throw new Error(`not refused as a bad configuration: ${text} ${error?.message}`)
  t.equal(error.exitCode, 2)
  return error.message.split('\n').flatMap(line => (line.includes(`${path}:`) ? [line.replace(`${path}:`, '').trim()] : []))
}

t.test('defaults are filled in', async t => {
  const {project} = await parseProject(MINIMAL, FILE)
  t.same(project, {
    directory: '/p',
    file: FILE,
    targets: [{name: 'arm64', profile: 'arm64', suite: undefined, packages: [], variables: {}}],
    variables: {},
    steps: [{name: 'build', run: 'make', timeoutSeconds: undefined, allowFailure: 'none', inputs: undefined}],
    artifacts: [],
    sources: 'view',
    watch: {ignore: []},
  })
})

t.test('a pattern of artifacts that would be compared for ever is refused', async t => {
  const refused = (pattern: string) => mistakes(`${MINIMAL}artifacts: [${JSON.stringify(pattern)}]\n`)
  t.match(await refused('*a*a*a*a*x'), [/artifacts: has more than four asterisks in one name/])
  t.match(await refused('+(a|aa)x'), [/artifacts: repeats a group/])
  t.match(await refused(`${'*a'.repeat(30)}x`), [/artifacts: has more than four/])
  for (const pattern of ['**/*.deb', 'lib*.so.*', '*_*_*.deb', 'dir/**/{a,b}*', 'c++/x', '!(old)*']) {
    t.same((await parseProject(`${MINIMAL}artifacts: [${JSON.stringify(pattern)}]\n`, FILE)).project.artifacts, [pattern], pattern)
  }
})

t.test("a target's own packages and variables come over the project's", async t => {
  const {project} = await parseProject(
    'targets: [{profile: arm64, name: old, suite: bookworm, packages: [b, a], env: {A: "2"}}]\nsteps: {test: {run: x, timeout: 1h30m, allow-failure: true}}\npackages: [c, a]\nenv: {A: "1", B: "1"}\n',
    FILE,
  )
  t.same(project.targets, [{name: 'old', profile: 'arm64', suite: 'bookworm', packages: ['a', 'b', 'c'], variables: {A: '2', B: '1'}}])
  t.match(project.steps, [{timeoutSeconds: 5400, allowFailure: 'all'}])
})

t.test('a target may be called as other tools call its CPU; it is known by the name of its profile, or its own', async t => {
  const {project} = await parseProject(
    'targets: [aarch64, linux/arm/v7, {profile: x86_64}, {profile: ppc64le, name: power}]\nsteps: {test: {run: x, allow-failure: [linux/arm64, power, x86_64]}}\n',
    FILE,
  )
  t.same(
    project.targets.map(({name, profile}) => [name, profile]),
    [
      ['arm64', 'arm64'],
      ['armhf', 'armhf'],
      ['amd64', 'amd64'],
      ['power', 'ppc64el'],
    ],
  )
  t.match(project.steps, [{allowFailure: ['arm64', 'power', 'amd64']}])
  t.match(await mistakes('targets: [arm64, aarch64]\nsteps: {build: make}\n'), [/"arm64" appears twice/])
})

t.test('a mistake is told with its place and the nearest right word', async t => {
  t.same(await mistakes(`${MINIMAL}pakages: [a]\n`), ['3:1: unknown key "pakages", did you mean "packages"?'])
  t.same(await mistakes('targets: [mips64ell]\nsteps: {build: make}\n'), [
    '1:11: targets: unknown profile "mips64ell", did you mean "mips64el"?',
  ])
  t.same(await mistakes('targets: [{profile: arm64, suite: trixi}]\nsteps: {build: make}\n'), [
    '1:35: targets.suite: unknown suite "trixi", did you mean "trixie"?',
  ])
  t.same(await mistakes('targets: [arm64]\nsteps:\n  test: {run: x, timeot: 20m}\n'), [
    '3:18: unknown key "timeot", did you mean "timeout"?',
  ])
  t.same(await mistakes('targets: [arm64]\nsteps: {test: {run: x, allow-failure: [arm46]}}\n'), [
    '2:40: steps.test.allow-failure: unknown target "arm46", did you mean "arm64"?',
  ])
})

t.test('every mistake of a file is told at once, in the order of the file', async t => {
  const found = await mistakes('targets: [arm65, arm65]\nsteps: {build: {}}\nenv: {A: 4}\nartifacts: ["../x", /y]\nstepps: 1\n')
  t.same(
    found.map(line => line.split(': ').slice(0, 2).join(': ')),
    [
      '1:11: targets',
      '1:18: targets',
      '1:18: targets',
      '2:16: steps.build.run',
      '3:10: env.A',
      '4:13: artifacts',
      '4:21: artifacts',
      '5:1: unknown key "stepps", did you mean "steps"?',
    ],
  )
})

t.test('what cannot be meant is refused', async t => {
  t.match(await mistakes(''), [/^1:1: the configuration is empty/])
  t.match(await mistakes('targets:\n\t- arm64\n'), [/^2:1: Tabs are not allowed/])
  t.match(await mistakes('just words'), [/^1:1: must be a table/])
  t.match(await mistakes('targets: [arm64]\ntargets: [s390x]\nsteps: {build: make}\n'), [/^2:1: Map keys must be unique/])
  t.match(await mistakes('targets: []\nsteps: {}\n'), [/at least one target/, /at least one step/])
  t.match(await mistakes('targets: [arm64, arm64]\nsteps: {build: make}\n'), [/^1:18: targets: "arm64" appears twice/])
  t.match(await mistakes(`${MINIMAL}env: {A: 4}`), [/^3:10: env.A: must be a string: put it in quotes/])
  t.match(await mistakes('targets: [arm64]\nsteps: {1: make}\n'), [/^2:9: "1" must be a name/])
  t.match(await mistakes('targets: [arm64]\nsteps: {a: {run: x, timeout: 20}}\n'), [/put it in quotes/])
  t.match(await mistakes('targets: [arm64]\nsteps: {a: {run: x, timeout: 0s}}\n'), [/more than nothing/])
  for (const timeout of ['597h', '2147484s', `${'9'.repeat(400)}h`]) {
    t.match(await mistakes(`targets: [arm64]\nsteps: {a: {run: x, timeout: ${timeout}}}\n`), [/at most 2147483s \(596 hours\)/], timeout)
  }
  t.match(await mistakes('targets: [arm64]\nsteps: {a: {run: x, inputs: []}}\n'), [/at least one pattern/])
})

t.test('JSON is read as well, with tabs, and a package.json has a key for it', async t => {
  const json = '{\n\t"targets": ["arm64"],\n\t"steps": {"build": "make"}\n}'
  t.match((await parseProject(json, '/p/xbuild-env.json')).project, {targets: [{name: 'arm64'}]})
  t.match((await parseProject(`{"name": "x", "xbuild-env": ${json}}`, '/p/package.json')).project, {targets: [{name: 'arm64'}]})
  t.match(await mistakes('{"xbuild-env":\n {"targets": ["arm65"], "steps": {"b": "make"}}}', '/p/package.json'), [
    /^2:15: targets: unknown/,
  ])
})

t.test('a configuration is found upward; a package.json without the key is none', async t => {
  const directory = t.testdir({'xbuild-env.yaml': MINIMAL, 'package.json': '{"name": "x"}', below: {'package.json': '{', deep: {}}})
  t.equal(await findProjectFile(join(directory, 'below/deep')), join(directory, 'xbuild-env.yaml'))
})

t.test('of an executable configuration nothing is run', async t => {
  const directory = t.testdir({'xbuild-env.yaml': MINIMAL, below: {'xbuild-env.js': 'throw 1', 'xbuild-env.config.ts': 'throw 1'}})
  t.equal(await findProjectFile(join(directory, 'below')), join(directory, 'xbuild-env.yaml'))
})

t.test('each value knows its line', async t => {
  const values = projectValues(await parseProject(`# first\n${MINIMAL}env:\n  A: "1"\n`, FILE))
  t.match(
    values.find(({name}) => name === 'env.A'),
    {value: '1', origin: {kind: 'file', path: FILE, line: 5}},
  )
  t.match(
    values.find(({name}) => name === 'in-place'),
    {value: false, origin: {kind: 'default'}},
  )
})

t.test('the JSON schema that is shipped is that of the sources', async t => {
  const shipped = JSON.parse(readFileSync(join(PROJECT, 'xbuild-env.schema.json'), 'utf8'))
  t.same(shipped, projectJsonSchema(), 'npm run schema')
})
