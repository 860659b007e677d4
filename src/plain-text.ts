// What people may write where others read it: a line of visible text.

/**
 * No control characters, which a terminal obeys and the embedded store refuses; none that turn the direction of what follows,
 * break the line or can't be seen. The two joiners stay: Persian and emoji are written with them.
 */
export const plainText = /^(?:[\u200c\u200d]|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u;

export const plainTextRule = 'text of one line, without invisible characters and those that turn its direction';
