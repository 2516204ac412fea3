/** Whether there is somebody at a terminal who can be asked. */
export const canAsk = () => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Asks on the terminal; what is no clear answer is a no, nothing at all a yes. */
export async function ask(question: string): Promise<boolean> {
  const {createInterface} = await import('node:readline/promises')
  const terminal = createInterface({input: process.stdin, output: process.stderr})
  const ended = new AbortController()
  terminal.once('close', () => ended.abort()) // Ctrl-C, Ctrl-D
  try {
    return /^(y(es)?)?$/i.test((await terminal.question(`${question} [Y/n] `, {signal: ended.signal})).trim())
  } catch (error) {
    if (!ended.signal.aborted) throw error
    process.stderr.write('\n')
    return false
  } finally {
    terminal.close()
  }
}
