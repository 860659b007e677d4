// Months of UTC, in queries for savings.
export const monthPattern = /^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/;

/** The month of `2026-11`, or of a date in it, from (included) to (excluded) in milliseconds. */
export function monthOf(text: string): { readonly from: number; readonly to: number } {
  const [year = 0, month = 1] = text.slice(0, 7).split('-').map(Number);
  return { from: Date.UTC(year, month - 1), to: Date.UTC(year, month) };
}

/** `2026-11`, from a time in milliseconds. */
export function monthText(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
