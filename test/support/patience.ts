/**
 * How long tests wait for what must happen, in milliseconds. Against hanging only: a busy machine takes many times as long as
 * a quiet one, and what a test promises of time it asserts itself.
 */
export const patience = 150_000;

/** What takes less has not waited for what goes on for `patience` or for ever; milliseconds. Seconds would blame the machine. */
export const soon = 60_000;
