/**
 * How long tests wait for what must happen, in milliseconds. Against hanging only: a busy machine takes many times as long as
 * a quiet one, and what a test promises of time it asserts itself.
 */
export const patience = 150_000;
