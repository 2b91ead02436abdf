/**
 * Serves devices over the NBD protocol: fixed newstyle negotiation, simple and structured replies, holes, metadata
 * contexts. Source: the protocol's own document, doc/proto.md of the NetworkBlockDevice project.
 */
package io.pdata.nbd;
