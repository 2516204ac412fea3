import {validateAction, validateWorkflow} from '@action-validator/core'
import {Ajv} from 'ajv'
// Newer versions have the schema in a bundle that needs Node 22.
// @ts-expect-error: this file of the package has no types
import {schema as gitlabSchema} from 'gitlab-ci-local/src/schema/schema.js'
import {parse} from 'yaml'
import {z} from 'zod'

/** What is wrong with a pipeline or an action, by the published schema of its format: nothing where it is valid. */
export type Check = (text: string) => readonly unknown[]

/** SchemaStore's, which action-validator comes with. */
export const checkGithub: Check = text => validateWorkflow(text).errors
export const checkAction: Check = text => validateAction(text).errors

/** GitLab's own: strict mode refuses its annotations, and needs formats that it does not define. */
const gitlab = new Ajv({strict: false, validateFormats: false}).compile(gitlabSchema)
export const checkGitlab: Check = text => (gitlab(parse(text)) ? [] : (gitlab.errors ?? []))

/** Woodpecker publishes its schema in no package: this is written after https://woodpecker-ci.org/docs/usage/workflow-syntax. */
const words = z.union([z.string(), z.array(z.string()).min(1)])
const names = z.union([words, z.strictObject({include: words.optional(), exclude: words.optional()})])
const EVENTS = ['push', 'pull_request', 'pull_request_closed', 'tag', 'deployment', 'cron', 'manual', 'release'] as const
const event = z.union([z.enum(EVENTS), z.array(z.enum(EVENTS)).min(1)])
const status = z.enum(['success', 'failure'])
const condition = {repo: names.optional(), branch: names.optional(), event: event.optional(), ref: z.string().optional()}
const globalCondition = z.strictObject(condition)
const stepCondition = z.strictObject({...condition, status: z.union([status, z.array(status).min(1)]).optional()})
const either = <T extends z.ZodType>(one: T) => z.union([one, z.array(one).min(1)])
const absolute = z.string().regex(/^\/[^:]*:\/[^:]*(:ro)?$/)
const step = z.strictObject({
  name: z.string().optional(),
  image: z.string(),
  pull: z.boolean().optional(),
  privileged: z.boolean().optional(),
  commands: words.optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  directory: z.string().optional(),
  failure: z.enum(['fail', 'ignore']).optional(),
  when: either(stepCondition).optional(),
  depends_on: words.optional(),
  volumes: z.array(absolute).optional(),
  detach: z.boolean().optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
})
const woodpecker = z.strictObject({
  when: either(globalCondition).optional(),
  steps: z.union([z.array(step).min(1), z.record(z.string(), step)]),
  matrix: z.record(z.string().regex(/^[A-Z_]+$/), z.array(z.string()).min(1)).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  depends_on: z.array(z.string()).optional(),
})
export const checkWoodpecker: Check = text => woodpecker.safeParse(parse(text)).error?.issues ?? []
