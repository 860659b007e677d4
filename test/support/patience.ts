/**
 * How long tests wait for an event; milliseconds. It only catches hangs, because a busy machine takes many times longer
 * than a quiet one. A test that promises a time asserts it by itself.
 */
export const patience = 150_000;

/**
 * What takes less than this didn't wait for `patience` or for ever; milliseconds. A limit of seconds would fail on a
 * slow machine.
 */
export const soon = 60_000;
