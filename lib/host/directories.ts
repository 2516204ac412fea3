import {homedir} from 'node:os'
import {join} from 'node:path'

/** https://specifications.freedesktop.org/basedir-spec/latest/: a relative path in these variables is to be ignored. */
function xdg(variable: string, fallback: string): string {
  const value = process.env[variable]
  return value?.startsWith('/') ? value : join(homedir(), fallback)
}

export const dataHome = () => join(xdg('XDG_DATA_HOME', '.local/share'), 'xbuild-env')
export const cacheHome = () => join(xdg('XDG_CACHE_HOME', '.cache'), 'xbuild-env')
export const configHome = () => join(xdg('XDG_CONFIG_HOME', '.config'), 'xbuild-env')
