// Neptune's management API in AWS's query protocol: form-encoded in, XML out.
import { XMLBuilder } from 'fast-xml-parser';
import type { Arrival, ApiCall, Reply, Wire } from '../endpoint.ts';
import { resourceName } from '../names.ts';
import { actions, type NeptuneState } from './neptune-actions.ts';
import { onlyClusterFiltered } from './neptune-parameters.ts';
import { refusal } from '../refusal.ts';

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';
const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

function xml(status: number, requestId: string, document: Record<string, unknown>): Reply {
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  return { status, headers, body: builder.build(document) };
}

/** The management API of this account. */
export function createNeptuneWire(state: NeptuneState): Wire {
  return {
    api: 'neptune',
    read({ method, path, body }: Arrival): ApiCall {
      const { Action: action = '', Version: version, ...input } = Object.fromEntries(new URLSearchParams(body));
      const known = method === 'POST' && path === '/' && version === '2014-10-31' ? actions[action] : undefined;
      if (known === undefined) {
        throw refusal('neptune', 'InvalidAction', `Could not find operation ${action} for version ${version}`);
      }
      const about = (known.about && input[known.about]) ?? onlyClusterFiltered(input);
      const resource = about ? resourceName.cluster(about.toLowerCase()) : undefined;
      return { action, resource, input, perform: (request) => known.perform(state, input, request) };
    },
    answer({ action }, output, requestId) {
      return xml(200, requestId, {
        [`${action}Response`]: {
          '@xmlns': NAMESPACE,
          [`${action}Result`]: output,
          ResponseMetadata: { RequestId: requestId },
        },
      });
    },
    refuse({ status, wireCode, message }, requestId) {
      const Type = status < 500 ? 'Sender' : 'Receiver';
      return xml(status, requestId, {
        ErrorResponse: { '@xmlns': NAMESPACE, Error: { Type, Code: wireCode, Message: message }, RequestId: requestId },
      });
    },
  };
}
