/**
 * The commands for pools of thin volumes: {@code serve}, {@code pool}, {@code volume}, {@code snapshot}. They end with 0 if all
 * went well, 1 if it did not, 2 if the command line is wrong. With {@code --json} the answer, or the error, is an
 * {@link io.pdata.server.Answer} on standard output.
 */
package io.pdata.cli.pool;
