import type {Artifact} from '../core/project/build-result.js'
import {isPlainPath} from '../host/output-directory.js'
import {installedPackages} from '../session/files.js'
import type {StepPlace} from './place.js'

/** What is told of artifacts, in the manifest.json beside them. */
export interface Manifest {
  target: string
  profile: string
  suite: string
  mode: string
  environment: {
    name: string
    /** A digest of what the environment was made of: the same key, the same environment. */
    key: string
    /** Versions by name. */
    packages: Record<string, string>
  }
  /** The scripts of the project's steps, in their order. */
  steps: {name: string; run: string}[]
  artifacts: readonly Artifact[]
}

export const MANIFEST = 'manifest.json'

/** The manifest of artifacts that were copied. */
export function describeArtifacts(place: StepPlace & {environment: {key: string}}, artifacts: readonly Artifact[]): Manifest {
  const {store, record, target, project, mode, environment} = place
  const layers = [place.paths.changes.upper, store.environment(record.name).upper, ...store.lowerLayers(record)]
  return {
    target: target.name,
    profile: record.profile,
    suite: record.suite,
    mode,
    environment: {
      name: record.name,
      key: environment.key,
      packages: Object.fromEntries(installedPackages(layers).map(({name, version}) => [name, version])),
    },
    steps: project.steps.map(({name, run}) => ({name, run})),
    artifacts,
  }
}

/**
 * The paths of a manifest's artifacts: plain ones, since anybody may have written it, and they are going to be removed. None
 * where it is no manifest.
 */
export function parseManifestPaths(text: string): string[] {
  let manifest: {artifacts?: unknown}
  try {
    manifest = Object(JSON.parse(text)) as {artifacts?: unknown}
  } catch {
    return []
  }
  const artifacts = Array.isArray(manifest.artifacts) ? manifest.artifacts : []
  return artifacts
    .map(artifact => Object(artifact).path as unknown)
    .filter(path => typeof path === 'string' && isPlainPath(path)) as string[]
}
