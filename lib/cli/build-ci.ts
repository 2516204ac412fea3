import {appendFile} from 'node:fs/promises'
import {basename, isAbsolute, normalize, relative, resolve} from 'node:path'
import {type Failure, failuresOf} from '../core/ci/failures.js'
import {githubAnnotations, githubSummary} from '../core/ci/github-report.js'
import {gitlabCodeQuality} from '../core/ci/gitlab-report.js'
import type {TargetResult} from '../core/project/build-result.js'
import type {Project} from '../core/project/project.js'
import {Tree} from '../host/beneath.js'
import {writeFileSafely} from '../host/files.js'
import {pathInCheckout} from '../host/git.js'
import {note} from './output.js'
import {VERSION} from './program.js'

/** Says what failed as the CI system at hand shows it beside the sources: GitHub by itself, GitLab from the file that is given. */
export async function tellCi(project: Project, results: readonly TargetResult[], codeQuality: string | undefined): Promise<void> {
  const {GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE} = process.env
  const isGithub = GITHUB_ACTIONS === 'true'
  if (!isGithub && codeQuality === undefined) return
  const failures = failuresOf(results, path => locate(project.directory, path))
  if (isGithub) {
    const directory = GITHUB_WORKSPACE === undefined ? '' : relative(GITHUB_WORKSPACE, project.directory)
    for (const line of githubAnnotations(failures, directory)) note(line)
    if (GITHUB_STEP_SUMMARY) await addSummary(GITHUB_STEP_SUMMARY, githubSummary(results, VERSION))
  }
  if (codeQuality !== undefined) await writeCodeQuality(project, failures, codeQuality)
}

/** A summary that cannot be written fails no build. */
async function addSummary(path: string, text: string): Promise<void> {
  await appendFile(path, text).catch(error => note(`xbuild-env: the summary ${path} cannot be written: ${error.message}`))
}

async function writeCodeQuality(project: Project, failures: readonly Failure[], path: string): Promise<void> {
  const directory = (await pathInCheckout(project.directory)) ?? ''
  await writeFileSafely(resolve(path), gitlabCodeQuality(failures, directory, basename(project.file)))
}

/** A path that a program printed, as one of the project's own files: builds in other directories print `../src/a.c`. */
function locate(directory: string, path: string): string | undefined {
  const inTree = isAbsolute(path) ? relative(directory, normalize(path)) : normalize(path).replace(/^(\.\.\/)+/, '')
  if (inTree.startsWith('..')) return undefined
  return new Tree([directory], 'refused').status(inTree, 'itself').kind === 'found' ? inTree : undefined
}
