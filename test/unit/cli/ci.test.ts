import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {parse} from 'yaml'
import {pipelineText} from '../../../lib/cli/ci.js'
import {type CiInput, ciPipeline} from '../../../lib/core/ci/pipelines.js'
import {CI_SYSTEMS, type CiSystem} from '../../../lib/core/ci/system.js'
import {splitCommands} from '../../../lib/core/shell-words.js'
import {blocks, documents} from '../docs.js'
import {refusal} from '../refusal.js'
import {PROJECT} from '../sources.js'
import {type Check, checkAction, checkGithub, checkGitlab, checkWoodpecker} from './ci-schemas.js'

const CHECKS: Record<CiSystem, Check> = {github: checkGithub, gitlab: checkGitlab, woodpecker: checkWoodpecker}

const SOURCE = {url: 'https://git.example.org/xbuild-env.git', ref: 'v0.1.0'}
const GITHUB = {url: 'https://github.com/ada/xbuild-env', ref: 'v0.1.0'}

const TARGETS = ['mips64el', 'arm64', 's390x']

const INPUTS: readonly CiInput[] = [
  {source: SOURCE, file: 'xbuild-env.yaml', matrix: TARGETS},
  {source: GITHUB, file: 'xbuild-env.yaml', matrix: TARGETS},
  {source: GITHUB, file: 'sub/xbuild-env.yaml', matrix: ['s390x', '12e3', 'yes']},
  {source: GITHUB, file: 'a/b: c/package.json', matrix: []},
  {source: {url: "/srv/it's here: #1/xbuild-env", ref: '12e3'}, file: "deep/it's # one: two/.xbuild-envrc", matrix: []},
  {source: {url: 'ssh://git@git.example.org:2222/a/b', ref: 'feature/x'}, file: 'yes/xbuild-env.json', matrix: []},
]

interface Pipeline {
  jobs?: {build: {steps: {run?: string; uses?: string; with?: {directory?: string}}[]}}
  steps?: {name: string; commands: string[]}[]
  'xbuild-env'?: {script: string[]; after_script: string[]; cache: {key: {files: string[]; prefix: string}}}
}

/** Each of a pipeline's scripts, as its system hands it to a shell. */
function scripts({jobs, steps, 'xbuild-env': job}: Pipeline): string[] {
  return [
    ...(jobs?.build.steps.flatMap(({run}) => run ?? []) ?? []),
    ...(steps?.map(({commands}) => commands.join('\n')) ?? []),
    ...(job ? [job.script.join('\n'), job.after_script.join('\n')] : []),
  ]
}

t.test("every pipeline is valid by its format's schema, reads back as it was meant, and a shell can read its scripts", async t => {
  for (const system of CI_SYSTEMS) {
    for (const input of INPUTS) {
      const name = `${system}: ${input.source.url}, ${input.file}`
      const pipeline = ciPipeline(system, input)
      const text = pipelineText(pipeline)
      t.same(CHECKS[system](text), [], name)
      t.same(parse(text), pipeline.content, name)
      const read = parse(text, {version: '1.1'}) as Pipeline // as most of them do
      for (const script of scripts(read)) {
        const {exitCode, stderr} = await execa('sh', ['-n'], {input: script, reject: false})
        t.equal(exitCode, 0, `${name}: ${stderr}`)
      }
    }
  }
})

t.test('the checks find mistakes', async t => {
  const broken: [Check, string][] = [
    [checkGithub, 'on: push\njobs: {a: {runs-on: x, steps: [{run: a, shel: sh}]}}\n'],
    [checkAction, 'name: a\ndescription: b\nruns: {using: composite, steps: [{run: a}]}\n'],
    [checkGitlab, 'a: {script: [a], artifacts: {path: [a]}}\n'],
    [checkGitlab, 'a: {script: [a], cache: {key: {files: a}}}\n'],
    [checkWoodpecker, 'steps: [{name: a, image: b, command: [c]}]\n'],
    [checkWoodpecker, 'steps: [{name: a, image: b, volumes: [c:/d]}]\n'],
  ]
  for (const [check, text] of broken) t.not(check(text).length, 0, text)
})

/** The words of each command, of a script that does nothing but call programs. */
const commands = (system: CiSystem, input: CiInput) =>
  scripts(parse(pipelineText(ciPipeline(system, input))) as Pipeline).flatMap(script =>
    script.split('\n').flatMap(line => (/[$|]/.test(line) ? [] : splitCommands(line))),
  )

t.test('odd addresses and directories arrive as one word', async t => {
  const url = "/srv/it's here: #1/xbuild-env"
  const input = {source: {url, ref: '12e3'}, file: "deep/it's # one: two/xbuild-env.yaml", matrix: []}
  for (const system of CI_SYSTEMS) {
    const words = commands(system, input)
    t.match(
      words,
      [
        ['git', 'clone', '--quiet', url],
        ['git', '-C', String, 'checkout', '--quiet', '12e3'],
      ],
      system,
    )
  }
  t.ok(commands('gitlab', input).some(([program, directory]) => program === 'cd' && directory === "deep/it's # one: two"))
})

t.test('on github.com the action is used from where it lies, elsewhere from a clone beside the project', async t => {
  const steps = (input: CiInput) => (ciPipeline('github', input).content as unknown as Pipeline).jobs?.build.steps
  for (const url of ['https://github.com/ada/x.env.git', 'git@github.com:ada/x.env', 'ssh://git@github.com/ada/x.env.git']) {
    t.match(steps({source: {url, ref: 'main'}, file: 'xbuild-env.yaml', matrix: []}), [
      {uses: /^actions\/checkout@/},
      {uses: 'ada/x.env@main'},
    ])
  }
  t.match(steps({source: {url: 'https://github.com.example.org/a/b', ref: 'main'}, file: 'sub/xbuild-env.yaml', matrix: []}), [
    {with: {path: 'project'}},
    {run: /git clone/},
    {uses: './xbuild-env', with: {directory: 'project/sub'}},
  ])
})

t.test("GitLab's cache is another for each version of the configuration and of xbuild-env", async t => {
  const {content} = ciPipeline('gitlab', {source: {...SOURCE, ref: 'feature/x'}, file: 'a/xbuild-env.yaml', matrix: []})
  t.match((content as unknown as Pipeline)['xbuild-env']?.cache.key, {files: ['a/xbuild-env.yaml'], prefix: 'xbuild-env-feature-x'})
})

t.test('each target of a matrix has a job, a cache and artifacts of its own', async t => {
  const input = {source: GITHUB, file: 'xbuild-env.yaml', matrix: ['arm64', 's390x']}
  const text = (system: CiSystem) => pipelineText(ciPipeline(system, input))
  t.match(parse(text('github')).jobs.build, {
    'timeout-minutes': Number,
    strategy: {'fail-fast': false, matrix: {target: ['arm64', 's390x']}},
    steps: [{}, {with: {targets: '\u0024{{ matrix.target }}', artifact: 'xbuild-env-\u0024{{ matrix.target }}'}}],
  })
  t.match(parse(text('gitlab'))['xbuild-env'], {
    parallel: {matrix: [{TARGET: ['arm64', 's390x']}]},
    cache: {key: {prefix: 'xbuild-env-v0.1.0-$TARGET'}},
    artifacts: {name: 'xbuild-env-$TARGET'},
  })
  t.match(text('gitlab'), / build "\$TARGET" --keep-going /)
  t.same(parse(text('woodpecker')).matrix, {TARGET: ['arm64', 's390x']})
  t.match(text('woodpecker'), / build \$\{TARGET\} --keep-going [\s\S]*\$CI_PIPELINE_NUMBER\/\$\{TARGET\}"/)
  for (const system of CI_SYSTEMS) t.notMatch(pipelineText(ciPipeline(system, {...input, matrix: []})), /matrix|TARGET/, system)
})

t.test('an output of the action is one that a step has', async t => {
  const {outputs, runs} = parse(readFileSync(join(PROJECT, 'action.yml'), 'utf8'))
  for (const [name, {value}] of Object.entries<{value: string}>(outputs)) {
    const [, id, output = ''] = /^\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}$/.exec(value) ?? []
    const step = runs.steps.find((one: {id?: string}) => one.id === id)
    t.ok(step?.uses ?? step?.run.includes(`echo "${output}=`), `${name}: ${value}`)
  }
})

t.test('what a CI system would take for its own is refused', async t => {
  for (const file of [
    '$HOME/xbuild-env.yaml',
    '-x/xbuild-env.yaml',
    'a\n/xbuild-env.yaml',
    '*/xbuild-env.yaml',
    '\u0024{{ x }}/xbuild-env.yaml',
  ]) {
    t.throws(() => ciPipeline('gitlab', {source: SOURCE, file, matrix: []}), refusal('usage'), file)
  }
})

t.test('the action is valid, and bash can read its scripts', async t => {
  const text = readFileSync(join(PROJECT, 'action.yml'), 'utf8')
  t.same(checkAction(text), [])
  const {runs} = parse(text) as {runs: {steps: {run?: string}[]}}
  const runLines = runs.steps.flatMap(({run}) => run ?? [])
  t.not(runLines.length, 0)
  for (const script of runLines) {
    t.notMatch(script, /\$\{\{/, 'what a user says reaches a script as a variable only')
    const {exitCode, stderr} = await execa('bash', ['-n'], {input: script, reject: false})
    t.equal(exitCode, 0, stderr)
  }
})

t.test('every pipeline in the documentation is what is printed', async t => {
  const texts = documents()
    .flatMap(blocks)
    .filter(({language, text}) => language === 'yaml' && text.startsWith('# .'))
    .map(({text}) => text)
  const printed = CI_SYSTEMS.map(system =>
    pipelineText(ciPipeline(system, {source: system === 'github' ? GITHUB : SOURCE, file: 'xbuild-env.yaml', matrix: TARGETS})),
  )
  t.same(texts, printed)
})
