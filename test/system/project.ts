import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {execa} from 'execa'
import {CLI, PROFILE, plainVariables, type Result, scratch, xbuild} from './rig.js'

/** A source tree of these files, removed at the test's end. `name`: its directory's own name. */
export function sourceTree(t: Parameters<typeof scratch>[0], files: Record<string, string>, name = 'project'): string {
  const directory = join(scratch(t), name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), {recursive: true})
    writeFileSync(join(directory, path), text)
  }
  return directory
}

/** A configuration with these steps, for one target. */
export const configuration = (steps: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  'xbuild-env.json': JSON.stringify({targets: [PROFILE], steps, ...more}),
})

export const build = (directory: string, args: readonly string[] = [], options: Parameters<typeof xbuild>[1] = {}): Promise<Result> =>
  xbuild(['build', ...args], {cwd: directory, ...options})

export const MAKEFILE = 'hello: hello.o\n\t$(CC) -o $@ $<\n'
export const HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'

/** A build whose step has said that it is ready. */
export async function startBuild(tree: string, args: readonly string[] = []) {
  const child = execa(process.execPath, [CLI, 'build', ...args], {
    cwd: tree,
    reject: false,
    extendEnv: false,
    env: plainVariables(),
    stdin: 'ignore',
  })
  await new Promise<void>(resolve => {
    let text = ''
    child.stderr.on('data', chunk => {
      text += chunk
      if (text.includes('| ready')) resolve()
    })
  })
  return {child}
}
