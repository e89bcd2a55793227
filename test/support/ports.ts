/** The port in the URL of a server. */
export function portOf(url: string, usual: number): number {
  return Number(new URL(url).port || usual);
}

/** The same URL with another port. */
export function atPort(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
