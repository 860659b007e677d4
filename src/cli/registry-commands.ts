// The commands that are made from the registry of operations. Loaded only when one of them is meant.
import type { Command } from 'commander';
import { operations } from '../handlers/index.ts';
import type { Operation } from '../operation.ts';
import { addOperationCommand } from './operation-command.ts';

export function addRegistryCommands(program: Command): void {
  for (const operation of Object.values(operations)) addOperationCommand(program, operation as unknown as Operation);
}
