/** An arrow between two nodes, by their positions. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** A Mermaid flowchart of labelled nodes and arrows. */
export function flowchart(nodes: readonly string[], arrows: Iterable<Arrow>): string {
  const lines = ["flowchart TD", ...nodes.map((label, i) => `  s${i}["${escapeLabel(label)}"]`)];
  for (const { from, to, label } of arrows) lines.push(`  s${from} -->|"${escapeLabel(label)}"| s${to}`);
  return lines.join("\n");
}

/** Mermaid ends a label at a quote, reads `#` as the start of an entity and `<` as that of a tag. */
function escapeLabel(text: string): string {
  return text.replace(/#/g, "#35;").replace(/"/g, "#quot;").replace(/</g, "#lt;").replace(/>/g, "#gt;");
}
