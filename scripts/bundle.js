/**
 * Packs what bin starts into dist/program. Node takes about a third of a millisecond for each file that it loads, and a session
 * is started by scripts, a thousand times: what every session loads is one file, with the two packages that every command
 * line loads. What is loaded when it is needed stays a part of its own, and all other packages stay in node_modules. All lies
 * one level below dist, as the modules that tsc writes do, so that what they find by import.meta.url is the same for both.
 */
import {readFileSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {rolldown} from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const built = path => resolve(ROOT, 'dist', path)
const PACKED_PACKAGES = ['commander', 'picocolors']
const {dependencies} = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'))

/** What is imported by a module when it is loaded, as tsc writes it, and all that these import. */
function addLoaded(file, loaded) {
  if (loaded.has(file)) return loaded
  loaded.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?\bfrom '(\.[^']+)'/gm)) {
    addLoaded(resolve(dirname(file), path), loaded)
  }
  return loaded
}

const EARLY = built('host/early-signals.js') // loaded before all else, so never with it
const session = ['main', 'run-commands', 'run', 'enter', 'begin'].reduce(
  (loaded, name) => addLoaded(built(`cli/${name}.js`), loaded),
  new Set([EARLY]),
)
session.delete(EARLY)

const bundle = await rolldown({
  input: {main: built('cli/main.js'), 'virt-main': built('cli/virt-main.js'), 'early-signals': EARLY},
  platform: 'node',
  external: [/^node:/, ...Object.keys(dependencies).filter(name => !PACKED_PACKAGES.includes(name))],
  checks: {ineffectiveDynamicImport: false}, // effective for the programs that start without the session's file
})
await bundle.write({
  dir: built('program'),
  cleanDir: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  codeSplitting: {
    groups: [{name: 'session', test: id => session.has(id) || PACKED_PACKAGES.some(name => id.includes(`/node_modules/${name}/`))}],
  },
})
