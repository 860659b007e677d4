// Loads a package of the SDK when something of it is first used: the four take a third of the time of a start, and most commands
// need none of them.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

type Callable = (new (...args: unknown[]) => object) & ((...args: unknown[]) => unknown);

/** The classes and functions of a package, by name; each loads it, at once, when it is called or asked for anything. */
export function lazily<Package extends object>(specifier: string): Package {
  const load = (name: string) => (require(specifier) as Readonly<Record<string, Callable>>)[name] as Callable;
  const standInFor = (name: string) =>
    new Proxy(function () {} as unknown as Callable, {
      get: (_standIn, property) => Reflect.get(load(name), property) as unknown,
      apply: (_standIn, self, args) => Reflect.apply(load(name), self, args) as unknown,
      construct: (_standIn, args) => Reflect.construct(load(name), args),
    });
  return new Proxy({} as Package, { get: (_package, name) => standInFor(String(name)) });
}

/** Something that is made when it is first asked for; `made` tells it without making it. */
export function once<Made>(make: () => Made) {
  let made: Made | undefined;
  return Object.assign(() => (made ??= make()), { made: () => made });
}
