/**
 * The column name of a property: `parentId` gives `parent_id`, `xmlURL` gives `xml_url`. Digits stay with the word
 * before them: `line2Text` gives `line2_text`.
 */
export function snakeCase(name: string): string {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .toLowerCase();
}
