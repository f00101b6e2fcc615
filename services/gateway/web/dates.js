// SPDX-License-Identifier: Apache-2.0
// Dates and times in words, as the server's dates.c writes them.

const formats = new Map();

/** One formatter for each language, zone and form; a language or zone that the browser does not know is passed over. */
function format(language, zone, options) {
  const key = `${language} ${zone} ${Object.keys(options)}${options.dateStyle}`;
  let it = formats.get(key);
  if (!it) {
    for (const [tag, timeZone] of [[language, zone], ['en', zone], ['en', 'UTC']]) {
      try {
        it = new Intl.DateTimeFormat(tag, { ...options, timeZone });
        break;
      } catch {
        // tried with less
      }
    }
    formats.set(key, it);
  }
  return it;
}

function parts(language, zone, options, now) {
  return Object.fromEntries(format(language, zone, options).formatToParts(now).map(({ type, value }) => [type, value]));
}

/** "2021-07-24": the civil date of a zone. */
export function civilDate(zone, now) {
  const { year, month, day } = parts('en-u-ca-gregory', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }, now);
  return `${year.padStart(4, '0')}-${month}-${day}`;
}

/** "01:40" */
export function timeOf(language, zone, now) {
  const { hour, minute } = parts(language, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, now);
  return `${hour}:${minute}`;
}

function dateInWords(language, date, dateStyle) {
  const start = Date.parse(date);
  return Number.isNaN(start) ? date ?? '' : format(language, 'UTC', { dateStyle }).format(start);
}

/** "Saturday, July 24, 2021" */
export const fullDate = (language, date) => dateInWords(language, date, 'full');

/** "July 24, 2021" */
export const longDate = (language, date) => dateInWords(language, date, 'long');

/** "July 24, 2021, 01:40" */
export const longDateWithTime = (language, zone, now) =>
  `${longDate(language, civilDate(zone, now))}, ${timeOf(language, zone, now)}`;
