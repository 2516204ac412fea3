import {type ProjectSettings, readSettings, type Settings} from '../config/settings.js'
import {Store} from '../environment/store.js'

/** What every command starts from. */
export interface Context {
  settings: Settings
  store: Store
}

export async function openContext(given: Partial<Record<keyof Settings, string>> = {}, project: ProjectSettings = {}): Promise<Context> {
  const settings = await readSettings(given, process.env, project)
  return {settings, store: new Store(settings.data)}
}
