/** The end of a message about an unknown name: a question, or nothing if no known name is similar. */
export function suggestionText(nearest: string | undefined): string {
  return nearest ? `; did you mean ${nearest}?` : "";
}
