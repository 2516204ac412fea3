import {findProjectFile, readProject} from '../config/project.js'
import {projectJsonSchema} from '../config/project-schema.js'
import {type ProjectValue, projectValues} from '../config/project-values.js'
import {findSettings, type Origin} from '../config/settings.js'
import {printAs} from './json.js'
import {note, print, printJson, table} from './output.js'

export interface ConfigOptions {
  origins?: boolean
  json?: boolean
  schema?: boolean
}

/** Every value in force: the settings, and the project's where there is one. */
export async function config(options: ConfigOptions): Promise<number> {
  if (options.schema) {
    printJson(projectJsonSchema())
    return 0
  }
  const file = (await findProjectFile(process.cwd())) === undefined ? undefined : await readProject(process.cwd())
  const settings = await findSettings({}, process.env, file?.settings)
  const values: ProjectValue[] = [
    ...Object.entries(settings).map(([name, {value, origin}]) => ({name, value: value ?? null, origin})),
    ...(file ? projectValues(file).filter(({name}) => name !== 'mirror') : []),
  ]
  if (options.json && options.origins) printAs('config --origins', values)
  else if (options.json) printAs('config', Object.fromEntries(values.map(({name, value}) => [name, value])))
  else print(table(values.map(value => describe(value, options.origins === true))))
  if (!file) note('no project here: "xbuild-env init" makes a configuration that fits the tree')
  return 0
}

function describe({name, value, origin}: ProjectValue, withOrigin: boolean): string[] {
  const shown = typeof value === 'string' ? value.trimEnd().replaceAll('\n', '; ') : value === null ? '–' : JSON.stringify(value)
  return [name, shown, ...(withOrigin ? [describeOrigin(origin)] : [])]
}

function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'option':
      return 'the command line'
    case 'default':
      return 'default'
    case 'variable':
      return `variable ${origin.name}`
    case 'file':
      return `${origin.path}:${origin.line}`
  }
}
