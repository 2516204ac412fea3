import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Probe} from './probes.js'
import {type Result, xbuild} from './rig.js'

export type Mode = 'hybrid' | 'emulated'

/** Seconds for one probe. */
const LIMIT = 300

/** How an answer begins that is none, for want of a program. */
const MISSING = 'missing: '

/**
 * All probes in one session: each in an empty directory of the same name in both modes, with its answer in a file of
 * the directory that is bound to /answers.
 */
const DRIVER = `
for probe in /answers/*.probe; do
	name=\${probe##*/}
	name=\${name%.probe}
	mkdir -p "/tmp/probes/$name"
	cd "/tmp/probes/$name" || exit 1
	for program in $(cat "/answers/$name.needs"); do
		[ -e "$program" ] || command -v "$program" >/dev/null || { echo "${MISSING}$program" >"/answers/$name.answer"; continue 2; }
	done
	timeout ${LIMIT} sh "$probe" >"/answers/$name.answer" 2>&1 </dev/null
	echo "status $?" >>"/answers/$name.answer"
done
`

export interface Answers {
  session: Result
  /** By name of the probe; each character is a byte. */
  answers: Map<string, string>
}

/** Asks all probes in an environment. `directory`: of the caller's own. */
export async function ask(environment: string, mode: Mode, probes: readonly Probe[], directory: string): Promise<Answers> {
  const own = join(directory, mode)
  mkdirSync(own)
  for (const {name, script, needs} of probes) {
    writeFileSync(join(own, `${name}.probe`), `${script}\n`)
    writeFileSync(join(own, `${name}.needs`), needs.join(' '))
  }
  const args = ['run', environment, '--ephemeral', '--mode', mode, '--bind', `${own}:/answers`, '--', 'sh', '-c', DRIVER]
  const session = await xbuild(args, {cwd: '/'})
  const files = readdirSync(own).filter(file => file.endsWith('.answer'))
  return {session, answers: new Map(files.map(file => [file.slice(0, -'.answer'.length), readFileSync(join(own, file), 'latin1')]))}
}

/** The program that a probe could not do without, or undefined. */
export const missingProgram = (answer: string) => (answer.startsWith(MISSING) ? answer.slice(MISSING.length).trim() : undefined)
