// The commands that need the operations. They are loaded only when one of them is used.
import type { Command } from 'commander';
import { operations } from '../handlers/index.ts';
import type { Operation } from '../operation.ts';
import { addKeysCommand } from './keys-command.ts';
import { addOperationCommand } from './operation-command.ts';

export function addRegistryCommands(program: Command): void {
  for (const operation of Object.values(operations)) addOperationCommand(program, operation as unknown as Operation);
  addKeysCommand(program);
}
