const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const MAC_ADDRESS = /^[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}$|^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i;

/** An address of the Internet in one form, with the length of the network's part; null for what is none. */
function parse(text: string): { readonly address: string; readonly length: number } | null {
  const [, host = "", lengthText] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = IPV4.test(host) ? 32 : 128;
  const address = bits === 32 ? host : canonicalIpv6(host);
  const length = lengthText === undefined ? bits : Number(lengthText);
  return address === null || length > bits ? null : { address, length };
}

/** There are many forms of one address, and the one of URLs is unique. */
function canonicalIpv6(host: string): string | null {
  if (!/^[0-9a-f:.]+$/i.test(host)) return null;
  return URL.canParse(`http://[${host}]`) ? new URL(`http://[${host}]`).hostname : null;
}

/** Is it an address, or an address with the length of the network's part? */
export function isAddress(text: string): boolean {
  return parse(text) !== null;
}

/** The same for all forms of an address. */
export function networkKey(text: string): string {
  const parsed = parse(text);
  return parsed === null ? text : `${parsed.address}/${parsed.length}`;
}

export function isMacAddress(text: string): boolean {
  return MAC_ADDRESS.test(text);
}
