import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {emptyData} from './data.js'
import {CLI, scratch} from './rig.js'
import {Terminal} from './terminal.js'

/** What is typed, and what the line is after Tab. The blank that a shell adds does not count. */
const LINES: [typed: string, completed: string][] = [
  ['xbuild-env prun', 'xbuild-env prune'],
  ['xbuild-env run only-', 'xbuild-env run only-one'],
  ['xbuild-env exec only-', 'xbuild-env exec only-one'],
  ['xbuild-env create sparc', 'xbuild-env create sparc64'],
  ['xbuild-env init sparc', 'xbuild-env init sparc64'],
  ['xbuild-env create mips64el --suite jam', 'xbuild-env create mips64el --suite jammy'],
  ['xbuild-env run --mode hyb', 'xbuild-env run --mode hybrid'],
  ['xbuild-env build odd-', 'xbuild-env build odd-target'],
  ['xbuild-env build --step wei', 'xbuild-env build --step weigh'],
  ['xbuild-env build --jun', 'xbuild-env build --junit'],
  ['xbuild-env build --junit repo', 'xbuild-env build --junit report.xml'],
  ['xbuild-env import repo', 'xbuild-env import report.xml'],
  ['xbuild-env export only-one repo', 'xbuild-env export only-one report.xml'],
  ['xbuild-env system regi', 'xbuild-env system register'],
]

/** Interactive, with nobody's own settings, and the script loaded as its help says. */
const SHELLS = {
  bash: {command: 'bash --norc --noprofile -i', load: 'source <(xbuild-env completion bash)'},
  zsh: {command: 'zsh -f -i', load: 'bindkey -e; autoload -Uz compinit; compinit -u -D; source <(xbuild-env completion zsh)'},
  fish: {command: 'fish --no-config -i', load: 'xbuild-env completion fish | source'},
} as const

const isInstalled = (shell: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${shell}`])
    return true
  } catch {
    return false
  }
}

/** A project, a file, an environment's directory, and `xbuild-env` in the PATH. */
function makePlace(t: Test): {directory: string; script: (command: string) => string} {
  const directory = scratch(t)
  const data = emptyData(t)
  mkdirSync(join(data, 'environments/only-one'), {recursive: true})
  writeFileSync(join(directory, 'report.xml'), '')
  writeFileSync(
    join(directory, 'xbuild-env.yaml'),
    'targets: [{name: odd-target, profile: mips64el}]\nsteps: {weigh: "true", build: "true"}\n',
  )
  const bin = join(directory, '.bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'xbuild-env'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`)
  chmodSync(join(bin, 'xbuild-env'), 0o755)
  const script = (command: string) => `export XBUILD_ENV_DATA='${data}' PATH='${bin}':"$PATH" PS1='$ ' HOME='${directory}'; exec ${command}`
  return {directory, script}
}

/** Emacs' keys, which all three have: to the start of the line, and to its end. */
const [START, END, TAB, ENTER] = ['\u0001', '\u0005', '\t', '\r']

for (const [shell, {command, load}] of Object.entries(SHELLS)) {
  t.test(
    `${shell} completes commands, names, choices and files`,
    {skip: isInstalled(shell) ? false : `${shell} is not installed`},
    async t => {
      const {directory, script} = makePlace(t)
      const terminal = new Terminal(t, script(command), {cwd: directory})
      terminal.type(`${load}; echo loa""ded${ENTER}`)
      await terminal.until(/[\r\n]loaded/, 60)
      for (const [typed, completed] of LINES) {
        terminal.type(`${typed}${TAB}${START}echo "<${END}>"${ENTER}`)
        const line = await terminal.until(/[\r\n]<(xbuild-env[^>]*)>/, 60)
        t.equal(line.trimEnd(), completed)
      }
    },
  )
}
