// `npm run check:imports`: prints one line per fault and fails if there is one.
import { allowedImports } from './allowed-imports.ts';
import { importFaults } from './imports.ts';

const faults = importFaults('.', allowedImports);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
