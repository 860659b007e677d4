// What is used of @smithy/node-http-handler.
import type { NodeHttpHandler as Handler } from '@smithy/node-http-handler';
import { lazily } from './lazily.ts';

export type NodeHttpHandler = Handler;

export const { NodeHttpHandler } = lazily<typeof import('@smithy/node-http-handler')>('@smithy/node-http-handler');
