/** What a text says; undefined where a power cut, a full disk or an editor has left none. What is in it, whoever reads it checks. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
