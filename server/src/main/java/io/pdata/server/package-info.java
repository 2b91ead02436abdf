/**
 * A pool of named volumes, served over NBD, and what can be asked of it: by a program that has opened it, or through the
 * control socket of the server that has.
 */
package io.pdata.server;
