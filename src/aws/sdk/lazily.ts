// Loads a package of the SDK when it is first used. The four packages take a third of the start-up time, and most
// commands need none of them.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

type Callable = (new (...args: unknown[]) => object) & ((...args: unknown[]) => unknown);

/** The classes and functions of a package, by name. Calling or reading one loads the package. */
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

/** Makes a value when it is first asked for. `made` returns it without making it. */
export function once<Made>(make: () => Made) {
  let made: Made | undefined;
  return Object.assign(() => (made ??= make()), { made: () => made });
}
