import {stringify} from 'yaml'
import type {ProjectGuess} from '../core/project/guess/tree.js'
import type {ProjectConfig} from './project-schema.js'

/** A configuration file, with what is meant by each part of it. */
export function writeProject(
  targets: readonly ProjectConfig['targets'][number][],
  {because, packages, steps, artifacts}: ProjectGuess,
): string {
  const parts = [
    `# What "xbuild-env build" does here. Written by "xbuild-env init", since ${because}.`,
    '# "xbuild-env profiles" lists the targets that there are.',
    stringify({targets}),
    ...(packages.length > 0 ? ["# In every target's environment.", stringify({packages})] : []),
    '# Scripts for sh, one after the other; each ends at the first command that fails.',
    stringify({steps}),
    ...(artifacts.length > 0 ? ['# Copied to out/TARGET.', stringify({artifacts})] : []),
  ]
  return `${parts.map(part => part.trimEnd()).join('\n')}\n`
}
