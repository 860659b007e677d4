// What an error of a driver is called, by what Redis' servers of several versions answer.
import { describe, expect, it } from 'vitest';
import { isElsewhere, isStoreTrouble, storeTroubleOf } from '../../src/records/store-trouble.ts';
import { StoreTrouble } from '../../src/workers/job-file.ts';

const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });
const network = (code: string) => Object.assign(new Error(`connect ${code} 10.0.0.1:6379`), { code });

const full = 'takes no writes: its memory is full (maxmemory)';
const replica = 'takes no writes: it is a replica';

describe('an error that is the store’s trouble', () => {
  it.each([
    [reply("OOM command not allowed when used memory > 'maxmemory'. script: e910, on @user_script:12."), full],
    [
      reply(
        "ERR Error running script (call to f_d5e8): @user_script:1: @user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.",
      ),
      full,
    ],
    [reply('READONLY You can’t write against a read only replica.'), replica],
    [
      reply(
        'ERR Error running script (call to f_1028): @user_script:4: @user_script: 4: -READONLY You can’t write against a read only replica.',
      ),
      replica,
    ],
    [reply('UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)'), replica],
    [
      reply("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
      'is a replica that has lost its primary',
    ],
    [reply('MOVED 3999 10.0.0.2:6379'), 'is a node of a cluster that has given our keys away'],
    [reply('CLUSTERDOWN The cluster is down'), 'is a cluster that is down'],
    [reply('LOADING Redis is loading the dataset in memory'), 'is loading its data'],
    [reply('MISCONF Redis is configured to save RDB snapshots …'), 'takes no writes: it can’t save to its disk'],
    [reply('BUSY Redis is busy running a script.'), 'is kept busy by a script'],
    [reply('NOAUTH Authentication required.'), 'demands a password'],
    [new Error('Ready check failed: NOAUTH Authentication required.'), 'demands a password'],
    [reply('WRONGPASS invalid username-password pair or user is disabled.'), 'refuses the user or password'],
    [
      reply(
        "ERR The user executing the script can't run this command or subcommand script: d96c, on @user_script:217.",
      ),
      'does not permit its user a command that is needed',
    ],
    [reply('ERR max number of clients reached'), 'takes no more connections (maxclients)'],
    [reply('TRYAGAIN Multiple keys request during rehashing of slot'), 'can’t be reached'],
    [new Error('Command timed out'), 'does not answer in time'],
    [network('ECONNREFUSED'), 'can’t be reached'],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'can’t be reached'],
    [new Error('Command aborted due to connection close'), 'can’t be reached'],
    [Object.assign(new Error('could not extend file'), { code: '53100' }), 'takes no writes: its disk is full'],
    [new StoreTrouble(reply("OOM command not allowed when used memory > 'maxmemory'.")), full],
    [new StoreTrouble(new Error('what nobody has heard of')), 'can’t be reached'],
  ])('%s', (error, words) => {
    expect(storeTroubleOf(error)).toBe(words);
  });

  it('is told from a mistake of ours', () => {
    const mistakes = [
      'ERR wrong number of arguments for ‘mget’ command',
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      'ERR Error running script (call to f_1): @user_script:1: attempt to index a nil value',
    ].map(reply);
    for (const error of [...mistakes, new TypeError('x is not a function'), new Error('Missing lock for job 7')])
      expect(isStoreTrouble(error), error.message).toBe(false);
  });

  it('is a reason for a new connection where another server may do what this one refuses', () => {
    const words = (error: string) => isElsewhere(reply(`${error} whatever`));
    const elsewhere = ['READONLY', 'UNBLOCKED', 'MASTERDOWN', 'NOREPLICAS', 'MOVED', 'CLUSTERDOWN', 'LOADING'];
    expect(elsewhere.filter(words)).toEqual(elsewhere);
    expect(['OOM', 'MISCONF', 'BUSY', 'NOAUTH', 'WRONGPASS', 'NOPERM', 'ERR'].filter(words)).toEqual([]);
  });
});
