import {z} from 'zod'
import {MIRROR, MIRROR_HINT} from '../core/debian/mirror.js'
import {PACKAGE_NAME} from '../core/debian/packages.js'
import {DURATION} from '../core/duration.js'

/** A name that is one path component, and no option. */
const name = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/, {
  error: 'must be a name: letters, digits, dot, dash and underscore, a letter or digit first',
})
/** A NUL ends what is given to a program. */
const free = z.string().regex(/^[^\0]*$/, {error: 'must not hold a NUL character'})
const text = free.min(1, {error: 'must not be empty'})
const variables = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {error: 'is not a variable name: letters, digits and underscore, no digit first'}),
  free,
)
const packages = z.array(z.string().regex(PACKAGE_NAME, {error: 'is not a package name, as apt-get install takes it'}))
/** Nothing but the tree's own files is copied: neither by an absolute path, nor by one that goes up. */
const inTree = text.regex(/^(?!!?\/)(?!(.*\/)?!?\.\.(\/|$))/, {error: 'is outside the tree'})
/**
 * What a long name can be compared with in no time: a pattern becomes a regular expression, which tries every way in which the asterisks
 * of a name may stand, and that of a repeated group tries more than there is time for.
 */
const pattern = inTree
  .regex(/^(?:[^*/]*(?:\*+[^*/]*){0,4}(?:\/|$))*$/, {error: 'has more than four asterisks in one name'})
  .regex(/^[^*+]*(?:[*+](?!\()[^*+]*)*$/, {error: 'repeats a group, *(…) or +(…): name its members, as {a,b}'})
const stepName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9._-]{0,62}$/, {
  error: 'must be a name: letters, digits, dot, dash and underscore, a letter first',
})

/** A target's own name, or what others call its CPU: `linux/arm/v7`. */
const profile = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}(\/[a-zA-Z0-9._-]{1,62}){0,2}$/, {
  error: 'must be a target of "xbuild-env profiles", or what others call its CPU',
})

const target = z.strictObject({
  profile: profile.describe('A target of "xbuild-env profiles".'),
  name: name.optional().describe("The target's name in this project; by default the profile's."),
  suite: name.optional().describe("The distribution's release; by default the profile's."),
  packages: packages.optional().describe("Packages for this target's environment, besides the project's."),
  env: variables.optional().describe("Variables of this target's steps, over the project's."),
})

const step = z.strictObject({
  run: text.describe('A script for sh, which ends at the first command that fails.'),
  timeout: z
    .string()
    .regex(DURATION, {error: 'must be a time such as 20m, 90s or 1h30m'})
    .optional()
    .describe('After which the step is ended, and has failed: 20m, 90s, 1h30m.'),
  'allow-failure': z
    .union([z.boolean(), z.array(profile)])
    .optional()
    .describe('Whether the build goes on where this step fails: on all targets, or on those that are named.'),
  inputs: z
    .array(text)
    .min(1, {error: 'must name at least one pattern'})
    .optional()
    .describe(
      'Files that this step depends on, besides what steps before it make: patterns as in a .gitignore. "build --watch" leaves it out while they stay as they are.',
    ),
})

/** A project's configuration file. The JSON schema that comes with xbuild-env is made from this. */
export const projectSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors.'),
  targets: z
    .array(z.union([profile, target]))
    .min(1, {error: 'must name at least one target'})
    .describe('What is built for.'),
  packages: packages.optional().describe("Packages in every target's environment."),
  env: variables.optional().describe('Variables of all steps.'),
  steps: z
    .record(stepName, z.union([text, step]))
    .refine(steps => Object.keys(steps).length > 0, {error: 'must have at least one step'})
    .describe('What is done, one after the other: a script for sh each.'),
  artifacts: z.array(pattern).optional().describe('Files to copy to out/TARGET: patterns, relative to the tree.'),
  'in-place': z
    .boolean()
    .optional()
    .describe('Build in the tree itself, one target after the other, rather than in views of it that leave it untouched.'),
  mirror: z
    .string()
    .regex(MIRROR, {error: `must be ${MIRROR_HINT}`})
    .optional()
    .describe('Debian mirror for new environments.'),
  watch: z
    .strictObject({ignore: z.array(text).optional().describe('Patterns of files whose changes start no build.')})
    .optional()
    .describe('What "build --watch" looks at.'),
})

export type ProjectConfig = z.infer<typeof projectSchema>

/** For editors: https://json-schema.org/draft/2020-12 */
export const projectJsonSchema = () => ({
  title: 'xbuild-env: a project',
  ...z.toJSONSchema(projectSchema, {io: 'input'}),
})
