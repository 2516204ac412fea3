const ESC = String.fromCharCode(0x1b)
const BEL = String.fromCharCode(7)

/** ECMA-48, 5.4 control sequences (CSI), and 5.6 control strings (OSC and the like), which xterm also lets end in BEL. */
const SEQUENCES = new RegExp(`${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)`, 'g')

/** What a terminal shows as it is: nothing that moves its cursor or changes its state. Of a line that overwrites itself, the end. */
export function printable(line: string): string {
  if (!/\p{Cc}/u.test(line)) return line
  const last = line.split('\r').findLast(part => part !== '') ?? ''
  return last.replace(SEQUENCES, '').replace(/[^\P{Cc}\t]/gu, '')
}

/** The first characters of a text that may be of any length. */
export const shortened = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text)
