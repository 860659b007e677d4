import { describe, expect, it } from 'vitest';
import { plainText } from '../src/plain-text.ts';

describe('a line of text', () => {
  it.each(['', 'load test', 'Übung für Zoë', 'تست بار', 'می\u200cخواهم', 'עומס', '負荷試験', 'done 👩\u200d💻!'])(
    'may be %j',
    (text) => {
      expect(text).toMatch(plainText);
    },
  );

  it.each([
    ['a control character', '\u0000'],
    ['an escape', '\u001b[31m'],
    ['a line break', '\n'],
    ['C1', '\u009b'],
    ['a separator of lines', '\u2028'],
    ['a separator of paragraphs', '\u2029'],
    ['an embedding', '\u202a'],
    ['an override', '\u202e'],
    ['an isolate', '\u2066'],
    ['the end of an isolate', '\u2069'],
    ['a mark of direction', '\u200f'],
    ['the Arabic mark', '\u061c'],
    ['a space of no width', '\u200b'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a tag', '\u{e0041}'],
    ['half a letter', '\ud83d'],
  ])('has not %s', (_what, sign) => {
    for (const text of [sign, `a${sign}`, `${sign}a`, `a${sign}b`]) expect(text).not.toMatch(plainText);
  });
});
