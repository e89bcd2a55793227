const TEXT = /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(.*)$/;
const ZONE = /^(?:Z|([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?( BC)?$/;

/**
 * The instant that PostgreSQL writes as `2024-05-01 12:30:00.123456+02`; undefined for what is none (`infinity`). A text
 * without zone is in UTC. A Date has milliseconds: digits behind them are cut off.
 */
export function readTimestampText(text: string): Date | undefined {
  const parts = TEXT.exec(text);
  const zone = ZONE.exec(parts?.[8] ?? "");
  if (parts === null || zone === null) return undefined;
  const [, year, month, day, hours, minutes, seconds, fraction = ""] = parts;
  const [, sign, zoneHours = "0", zoneMinutes = "0", zoneSeconds = "0", beforeChrist] = zone;
  const offset = (Number(zoneHours) * 3600 + Number(zoneMinutes) * 60 + Number(zoneSeconds)) * (sign === "-" ? -1 : 1);
  const date = new Date(0);
  // There is no year 0: 1 BC is the year before 1.
  date.setUTCFullYear(beforeChrist === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(
    Number(hours),
    Number(minutes),
    Number(seconds) - offset,
    Number(fraction.padEnd(3, "0").slice(0, 3)),
  );
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The instant as PostgreSQL reads it, in UTC. */
export function writeTimestampText(date: Date): string {
  const text = date.toISOString();
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return text;
  // JavaScript writes such years with six digits and a sign, but the year 0 with four.
  const rest = text.slice(text.indexOf("-", 1));
  return year >= 1 ? `${year}${rest}` : `${String(1 - year).padStart(4, "0")}${rest} BC`;
}
