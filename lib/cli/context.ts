import {type ProjectSettings, readSettings, type Settings} from '../config/settings.js'
import {Store} from '../environment/store.js'
import {closeToOthers} from '../host/files.js'

/** What every command starts from. */
export interface Context {
  settings: Settings
  store: Store
}

/** What earlier versions made and left open to others is closed. */
export async function openContext(given: Partial<Record<keyof Settings, string>> = {}, project: ProjectSettings = {}): Promise<Context> {
  const settings = await readSettings(given, process.env, project)
  const store = new Store(settings.data)
  for (const directory of store.guarded) closeToOthers(directory)
  return {settings, store}
}
