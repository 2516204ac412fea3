import {parseDuration} from '../core/duration.js'
import type {Project, ProjectTarget, Step} from '../core/project/project.js'
import type {ProjectConfig} from './project-schema.js'

/** The configuration with all its defaults. */
export function toProject(config: ProjectConfig, directory: string, file: string): Project {
  return {
    directory,
    file,
    targets: config.targets.map(target => toTarget(config, target)),
    variables: config.env ?? {},
    steps: Object.entries(config.steps).map(([name, step]) => toStep(name, step)),
    artifacts: config.artifacts ?? [],
    sources: config['in-place'] ? 'in-place' : 'view',
    watch: {ignore: config.watch?.ignore ?? []},
  }
}

function toTarget(config: ProjectConfig, target: ProjectConfig['targets'][number]): ProjectTarget {
  const own: Exclude<typeof target, string> = typeof target === 'string' ? {profile: target} : target
  return {
    name: own.name ?? own.profile,
    profile: own.profile,
    suite: own.suite,
    packages: [...new Set([...(config.packages ?? []), ...(own.packages ?? [])])].sort(),
    variables: {...config.env, ...own.env},
  }
}

function toStep(name: string, step: ProjectConfig['steps'][string]): Step {
  if (typeof step === 'string') return {name, run: step, timeoutSeconds: undefined, allowFailure: 'none', inputs: undefined}
  const allowed = step['allow-failure'] ?? false
  return {
    name,
    run: step.run,
    timeoutSeconds: step.timeout === undefined ? undefined : parseDuration(step.timeout),
    allowFailure: typeof allowed === 'boolean' ? (allowed ? 'all' : 'none') : allowed,
    inputs: step.inputs,
  }
}
