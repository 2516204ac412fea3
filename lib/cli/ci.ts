import {basename, posix} from 'node:path'
import {fileURLToPath} from 'node:url'
import {stringify} from 'yaml'
import {readProject} from '../config/project.js'
import {type CiPipeline, ciPipeline} from '../core/ci/pipelines.js'
import {type CiSource, parseSource} from '../core/ci/source.js'
import type {CiSystem} from '../core/ci/system.js'
import {XbuildError} from '../core/errors.js'
import {type Checkout, pathInCheckout, readCheckout} from '../host/git.js'
import {printAs} from './json.js'
import {note, print} from './output.js'

export interface CiOptions {
  source?: string
  ref?: string
  matrix: boolean
  json?: boolean
}

/** Prints a pipeline for the project here. */
export async function ci(system: CiSystem, options: CiOptions): Promise<number> {
  const {project} = await readProject(process.cwd())
  const directory = (await pathInCheckout(project.directory)) ?? ''
  const source = await findSource(options)
  const names = project.targets.map(({name}) => name)
  const matrix = options.matrix && names.length > 1 ? names : []
  const pipeline = ciPipeline(system, {source, file: posix.join(directory, basename(project.file)), matrix})
  const text = pipelineText(pipeline)
  if (options.json) printAs('ci', {system, path: pipeline.path, text})
  else print(text.trimEnd())
  note(`save it as ${pipeline.path} in the project's repository`)
  return 0
}

/** The pipeline as YAML, one line for each command. */
export const pipelineText = ({path, notes, content}: CiPipeline): string =>
  [`${path}: builds and tests the project with xbuild-env`, ...notes].map(line => `# ${line}\n`).join('') +
  stringify(content, {lineWidth: 0})

const OWN = fileURLToPath(new URL('../..', import.meta.url))

/** What is given, else the checkout that this program runs from. */
async function findSource({source, ref}: CiOptions): Promise<CiSource> {
  const checkout = await readCheckout(OWN)
  const url = source ?? findOrigin(checkout)
  if (url === undefined) {
    throw new XbuildError('usage', `where do runners get xbuild-env from? ${OWN} is not a checkout of a repository that they can reach`, {
      hint: 'name one: --source https://example.org/xbuild-env.git --ref v0.1.0',
    })
  }
  const commit = ref ?? checkout?.commit
  if (commit === undefined) {
    throw new XbuildError('usage', `which version of ${url}? ${OWN} is not a checkout that has one`, {
      hint: 'name a commit, tag or branch with --ref',
    })
  }
  if (ref === undefined && checkout?.published === false)
    note(`commit ${commit} is on no branch of a remote: push it, or name another with --ref`)
  return parseSource(url, commit)
}

/** A path of this machine is none of the runners'. */
const findOrigin = (checkout: Checkout | undefined) => (checkout?.origin?.startsWith('/') ? undefined : checkout?.origin)
