import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {ValidateFunction} from 'ajv/dist/2020.js'
import {Ajv2020} from 'ajv/dist/2020.js'
import {SCHEMAS, schemaFile} from '../unit/json-schema-files.js'
import {PROJECT} from '../unit/sources.js'

const ajv = new Ajv2020({allowUnionTypes: true})
const validators = new Map<string, ValidateFunction>()

/** The schema, with nothing beyond what it names: readers may not be told of a member by nobody. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const own = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]))
  return 'properties' in own && own.type === 'object' && own.additionalProperties === undefined
    ? {...own, additionalProperties: false}
    : own
}

function validatorOf(name: string): ValidateFunction {
  const known = validators.get(name)
  if (known) return known
  const made = ajv.compile(strict(JSON.parse(readFileSync(join(PROJECT, SCHEMAS, schemaFile(name)), 'utf8'))) as object)
  validators.set(name, made)
  return made
}

/** Commands that have a word more than others. */
const GROUPS = ['farm', 'packages', 'session', 'system']

/** Whose schema a command line's output has: undefined where there is none to be told. */
function outputOf(args: readonly string[]): string | undefined {
  const [first = '', second = ''] = args
  const dry = args.includes('--dry-run') ? ' --dry-run' : ''
  if (first === 'activator') return second === 'lookup' ? 'activator lookup' : 'activator'
  if (first === 'config') return args.includes('--origins') ? 'config --origins' : 'config'
  if (first === 'shell' || first === 'run') return 'run --dry-run'
  if (first === 'profiles') return args.slice(1).some(word => !word.startsWith('-')) ? 'profiles PROFILE' : 'profiles'
  if (first === 'create' && args.includes('--userland')) return `userland${dry}`
  if (GROUPS.includes(first))
    return ['packages resume', 'packages retry'].includes(`${first} ${second}`) ? 'packages build' : `${first} ${second}${dry}`
  return `${first}${['init', 'import', 'export'].includes(first) ? '' : dry}`
}

/** What is wrong with what a command line printed, by the schema that the documents have of it. */
export function wrongOutput(args: readonly string[], stdout: string): string | undefined {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  if (!own.includes('--json') || stdout.trim() === '' || !/^[[{]/.test(stdout)) return undefined
  const name = outputOf(own)
  if (name === undefined) return undefined
  const validate = validatorOf(name)
  let value: unknown
  try {
    value = JSON.parse(stdout)
  } catch {
    return undefined // several documents, as --watch prints them, or one that was cut off
  }
  return validate(value) ? undefined : `${own.join(' ')}: ${ajv.errorsText(validate.errors)}`
}
