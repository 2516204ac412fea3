/** A script of shims/ with what is known filled in where a line is the placeholder. Throws where there is no such line. */
export function fillPlaceholder(script: string, placeholder: string, known: string, name: string): string {
  const line = `\n${placeholder}\n`
  if (!script.includes(line)) throw new Error(`${name} has no line ${placeholder}`)
  return script.replace(line, () => `\n${known}\n`)
}
