/** An element of an array as text; null for NULL; an array for one inside the array. */
export type ArrayText = readonly (string | null | ArrayText)[];

/** Writes an array as PostgreSQL reads it: `{"a","b",NULL}`. */
export function writeArrayText(elements: ArrayText): string {
  const parts = elements.map((element) => {
    if (element === null) return "NULL";
    if (typeof element !== "string") return writeArrayText(element);
    return `"${element.replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${parts.join(",")}}`;
}

/** Reads an array as PostgreSQL writes it: `{1,NULL,"a b"}`, `[0:1]={a,b}`. */
export function readArrayText(text: string): ArrayText {
  // Bounds are written when they do not begin with 1; JavaScript has none.
  const start = text.indexOf("{");
  return readElements(text, start + 1).elements;
}

function readElements(text: string, start: number): { readonly elements: ArrayText; readonly end: number } {
  const elements: (string | null | ArrayText)[] = [];
  let position = start;
  while (position < text.length && text[position] !== "}") {
    const mark = text[position];
    if (mark === ",") {
      position++;
    } else if (mark === "{") {
      const inner = readElements(text, position + 1);
      elements.push(inner.elements);
      position = inner.end;
    } else if (mark === '"') {
      const end = endOfQuoted(text, position + 1);
      elements.push(text.slice(position + 1, end).replace(/\\(.)/gs, "$1"));
      position = end + 1;
    } else {
      let end = position;
      while (end < text.length && text[end] !== "," && text[end] !== "}") end++;
      const element = text.slice(position, end);
      elements.push(element === "NULL" ? null : element);
      position = end;
    }
  }
  return { elements, end: position + 1 };
}

function endOfQuoted(text: string, start: number): number {
  let position = start;
  while (position < text.length && text[position] !== '"') position += text[position] === "\\" ? 2 : 1;
  return position;
}
