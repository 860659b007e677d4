// The rule for text that people write and others read: one line of visible text.

/**
 * No control characters, which terminals obey and the embedded store refuses. No characters that change the direction
 * of text, break lines or are invisible. The two joiners are allowed, because Persian and emoji need them.
 */
export const plainText = /^(?:[\u200c\u200d]|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u;

export const plainTextRule = 'text of one line, without invisible characters and those that turn its direction';
