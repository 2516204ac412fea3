import {posix} from 'node:path'
import {XbuildError} from '../errors.js'
import {CACHE, OUTPUT} from '../project/project.js'
import {quoteWord} from '../shell-words.js'
import {type CiSource, githubRepository} from './source.js'
import type {CiSystem} from './system.js'

export interface CiInput {
  source: CiSource
  /** Of the configuration file, in the project's repository: `xbuild-env.yaml`, `a/b/xbuild-env.yaml`. */
  file: string
  /** Targets that are built in a job each, as a matrix; none: one job builds all of them side by side. */
  matrix: readonly string[]
}

export interface CiPipeline {
  /** Where it belongs in the project's repository. */
  path: string
  /** Lines that stand above it. */
  notes: readonly string[]
  /** To be written as YAML. */
  content: Record<string, unknown>
}

/** A container that has git and Node. */
const IMAGE = 'node:20-bookworm'

/** Where xbuild-env is in such a container. */
const HOME = '/opt/xbuild-env'
const COMMAND = `${HOME}/bin/xbuild-env.js`

/** That the container has a binfmt_misc of its own: none registers anything in the runner's. */
const LINUX = 'Its kernel has to be Linux 6.7 or later.'

/**
 * Minutes after which a job is ended: one that makes its environment, which the next finds in the cache, and builds a project of some size.
 * GitHub's own limit is 360, GitLab's 60, unless a job says another.
 */
const LONGEST_MINUTES = 120

const JUNIT = `${OUTPUT}/junit.xml`
const PAGE = `${OUTPUT}/report.html`
const QUALITY = `${OUTPUT}/code-quality.json`

/** Variables, and patterns of files: all CI systems know some of them in paths. Options of commands. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant
const UNFIT = /^-|[$*?[\]{}\\\u0000-\u001f\u007f]/

/** A pipeline that builds a project, keeps its environments for the next run, and its artifacts and its JUnit report. */
export function ciPipeline(system: CiSystem, input: CiInput): CiPipeline {
  if (UNFIT.test(input.file)) {
    throw new XbuildError('usage', `CI systems cannot name ${JSON.stringify(input.file)}`, {
      hint: 'rename its directory, without $, *, ?, braces, brackets and backslashes, or a dash first',
    })
  }
  switch (system) {
    case 'github':
      return github(input)
    case 'gitlab':
      return gitlab(input)
    case 'woodpecker':
      return woodpecker(input)
  }
}

/** Fetches all of it, since a server may refuse to hand out a single commit. */
const fetchLines = ({url, ref}: CiSource, to: string) => [
  `git clone --quiet ${quoteWord(url)} ${to}`,
  `git -C ${to} checkout --quiet ${quoteWord(ref)}`,
]

/** `target`: a word of a shell's, of the one that is built alone. */
const buildLines = (file: string, cache: string, {target, reports = []}: {target?: string; reports?: readonly string[]}) => [
  ...(posix.dirname(file) === '.' ? [] : [`cd ${quoteWord(posix.dirname(file))}`]),
  `${COMMAND} doctor`,
  [
    `${COMMAND} build`,
    ...(target === undefined ? [] : [target]),
    `--keep-going --junit ${JUNIT} --html ${PAGE}`,
    ...reports,
    `--cache ${cache}`,
  ].join(' '),
]

/**
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax; the action is xbuild-env's own. GitHub's
 * ubuntu-24.04 has Linux 6.8 or later (actions/runner-images, Ubuntu2404-Readme.md), and the action lifts what AppArmor
 * forbids there.
 */
function github({source, file, matrix}: CiInput): CiPipeline {
  const directory = posix.dirname(file)
  const repository = githubRepository(source)
  const checkout = 'actions/checkout@v6'
  const ofTarget = {targets: '\u0024{{ matrix.target }}', artifact: 'xbuild-env-\u0024{{ matrix.target }}'}
  const inputs = {...(directory === '.' ? {} : {directory}), ...(matrix.length > 0 ? ofTarget : {})}
  const steps =
    repository !== undefined
      ? [{uses: checkout}, {uses: `${repository}@${source.ref}`, ...(Object.keys(inputs).length > 0 ? {with: inputs} : {})}]
      : [
          {uses: checkout, with: {path: 'project'}},
          {run: fetchLines(source, 'xbuild-env').join('\n')},
          {uses: './xbuild-env', with: {...inputs, directory: posix.join('project', directory)}},
        ]
  return {
    path: '.github/workflows/xbuild-env.yml',
    notes: [],
    content: {
      name: 'xbuild-env',
      on: ['push', 'pull_request'],
      permissions: {contents: 'read'},
      // A newer commit of a pull request ends what builds the older one; of a branch each is built.
      concurrency: {
        group: '\u0024{{ github.workflow }}-\u0024{{ github.ref }}',
        'cancel-in-progress': "\u0024{{ github.event_name == 'pull_request' }}",
      },
      jobs: {
        build: {
          'runs-on': 'ubuntu-24.04',
          'timeout-minutes': LONGEST_MINUTES,
          ...(matrix.length > 0 ? {strategy: {'fail-fast': false, matrix: {target: [...matrix]}}} : {}),
          steps,
        },
      },
    },
  }
}

/**
 * https://docs.gitlab.com/ci/yaml/. Overlayfs cannot keep changes on the container's own file system, but on the volume of
 * the builds, which lasts: what the job has there is removed, so that no job sees what another left.
 */
function gitlab({source, file, matrix}: CiInput): CiPipeline {
  const inDirectory = (path: string) => posix.join(posix.dirname(file), path)
  const data = '"$CI_BUILDS_DIR/xbuild-env"'
  const ofTarget = matrix.length > 0 ? '-$TARGET' : ''
  return {
    path: '.gitlab-ci.yml',
    notes: ['The runner has to start privileged containers: config.toml, [runners.docker], privileged = true.', LINUX],
    content: {
      'xbuild-env': {
        image: IMAGE,
        ...(matrix.length > 0 ? {parallel: {matrix: [{TARGET: [...matrix]}]}} : {}),
        timeout: `${LONGEST_MINUTES} minutes`,
        interruptible: true, // by a newer commit of the branch
        script: [
          ...fetchLines(source, HOME),
          `${HOME}/bin/setup`,
          `export XBUILD_ENV_DATA=${data}`,
          ...buildLines(file, CACHE, {reports: [`--code-quality ${QUALITY}`], ...(matrix.length > 0 ? {target: '"$TARGET"'} : {})}),
        ],
        after_script: [`rm -rf ${data}`],
        // A cache for each version of xbuild-env and of the configuration: what neither needs any more does not pile up.
        cache: {
          key: {files: [file], prefix: `xbuild-env-${source.ref.replaceAll('/', '-')}${ofTarget}`},
          paths: [inDirectory(CACHE)],
          when: 'always',
        },
        // https://docs.gitlab.com/ci/yaml/#artifactsexpose_as: a merge request links the directory.
        artifacts: {
          name: `xbuild-env${ofTarget}`,
          expose_as: 'xbuild-env',
          paths: [inDirectory(`${OUTPUT}/`)],
          reports: {junit: inDirectory(JUNIT), codequality: inDirectory(QUALITY)},
          when: 'always',
        },
      },
    },
  }
}

/** Days after which an environment that no build has used is removed from Woodpecker's volume. */
const KEPT_DAYS = 30

/**
 * https://woodpecker-ci.org/docs/usage/workflow-syntax, and matrix-workflows beside it. It replaces `${…}` before a shell sees it, and has neither a cache
 * nor artifacts of its own: both lie in volumes of the agent's machine. How long a pipeline may take, and
 * whether a newer one ends it, are settings of the repository.
 */
function woodpecker({source, file, matrix}: CiInput): CiPipeline {
  const [cache, artifacts] = ['/var/lib/xbuild-env/cache', '/var/lib/xbuild-env/artifacts']
  const target = '\u0024{TARGET}'
  const kept = `"${artifacts}/$CI_REPO/$CI_PIPELINE_NUMBER${matrix.length > 0 ? `/${target}` : ''}"`
  const output = quoteWord(posix.join(posix.dirname(file), OUTPUT))
  return {
    path: '.woodpecker.yaml',
    notes: [
      'The repository has to be trusted, for security and volumes, which an administrator of the server says in its settings:',
      'the step is privileged, and environments and artifacts are kept in volumes of the machine that it runs on, since',
      "Woodpecker keeps none. Pull requests, which may be anybody's, are not built.",
      LINUX,
    ],
    content: {
      when: [{event: ['push', 'manual']}],
      ...(matrix.length > 0 ? {matrix: {TARGET: [...matrix]}} : {}),
      steps: [
        {
          name: 'build',
          image: IMAGE,
          privileged: true,
          volumes: [`${cache}:${cache}`],
          environment: {XBUILD_ENV_DATA: '/woodpecker/xbuild-env'},
          commands: [
            ...fetchLines(source, HOME),
            `${HOME}/bin/setup`,
            `find ${cache} -type f -atime +${KEPT_DAYS} -delete`,
            ...buildLines(file, cache, matrix.length > 0 ? {target} : {}),
          ],
        },
        {
          name: 'keep',
          image: IMAGE,
          volumes: [`${artifacts}:${artifacts}`],
          commands: [`mkdir -p ${kept}`, `test ! -d ${output} || cp -r ${output}/. ${kept}`],
          when: [{status: ['success', 'failure']}],
        },
      ],
    },
  }
}
