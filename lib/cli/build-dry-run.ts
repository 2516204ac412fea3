import {describeOperation} from '../core/session/plan.js'
import {isThere} from '../host/files.js'
import {type BuildInput, planTargets} from '../project/build.js'
import type {TargetInput} from '../project/build-target.js'
import {cachedFile, findEnvironment} from '../project/environment-cache.js'
import {planStep} from '../project/run-step.js'
import {scriptArguments} from '../session/run-script.js'
import {printAs} from './json.js'
import {print} from './output.js'

/** What a build would do, target by target. */
export async function dryRun(
  input: BuildInput,
  {json = false, checkNative = false}: {json?: boolean; checkNative?: boolean},
): Promise<number> {
  const targets = await planTargets(
    input,
    () => true,
    () => {},
  )
  const described = await Promise.all(targets.map(describe))
  if (json) printAs('build --dry-run', described)
  else print([...described.flatMap(({lines}) => lines), ...ifTestsFail(input, checkNative)].join('\n'))
  return 0
}

const ifTestsFail = ({retries}: BuildInput, checkNative: boolean): string[] => [
  ...(retries > 0 ? [`where tests fail: each alone again, up to ${retries} times until it passes; then the step once more`] : []),
  ...(checkNative ? ['where tests fail: the steps up to theirs on this host, once for all targets, in a view of its own'] : []),
]

async function describe(target: TargetInput) {
  const {project, steps, paths, jobs} = target
  const found = await findEnvironment(target.environment, target.cache)
  const environment = found ?? target.environment
  const there = found !== undefined
  const operations = there ? await sessionOperations({...target, environment}) : undefined
  const tree = project.sources === 'view' ? `changes stay in ${paths.view.upper}` : 'in place'
  return {
    target: target.target.name,
    environment: {name: environment.name, key: environment.key, there},
    tree: {directory: project.directory, sources: project.sources, view: paths.view.upper},
    jobs,
    steps: steps.map(({name, run}) => ({name, run})),
    artifacts: target.artifacts === 'collect' ? project.artifacts : [],
    operations,
    lines: [
      `${target.target.name}: environment ${environment.name}, which ${there ? 'is there' : howMade(target)}`,
      `  ${project.directory}: ${tree}; XBUILD_JOBS=${jobs}`,
      ...(operations ?? []).map(operation => `  # ${describeOperation(operation)}`),
      ...steps.map(({name, run}) => `  ${name}: ${run.trimEnd().replaceAll('\n', '\n    ')}`),
      ...(target.artifacts === 'collect' ? project.artifacts.map(pattern => `  copy ${pattern} to out/${target.target.name}`) : []),
    ],
  }
}

function howMade({target: {profile, packages}, environment, cache}: TargetInput): string {
  const file = cache === undefined ? undefined : cachedFile(cache, environment)
  if (file !== undefined && isThere(file)) return `would be imported from ${file}`
  return `would be made of ${profile}${packages.length > 0 ? ` with ${packages.join(', ')}` : ''}`
}

async function sessionOperations(target: TargetInput) {
  const record = await target.store.read(target.environment.name)
  const [first] = target.steps
  return (await planStep({...target, record, locks: []}, first ? scriptArguments(first.run) : ['true'])).operations
}
