// A bound in time for what can't be broken off.

/** The promise's own end, or a rejection with what `late` makes after `milliseconds`. */
export async function within<Value>(promise: Promise<Value>, milliseconds: number, late: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
  }
}
