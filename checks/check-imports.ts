// `npm run check:imports`, from the project's root: a line for each fault, and a failure if there is one.
import { allowedImports } from './allowed-imports.ts';
import { importFaults } from './imports.ts';

const faults = importFaults('.', allowedImports);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
