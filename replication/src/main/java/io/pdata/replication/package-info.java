/**
 * Copies volumes: as streams from pool to pool ({@link io.pdata.replication.Sender}, {@link io.pdata.replication.Receiver}), and
 * out of images into files and NBD exports ({@link io.pdata.replication.Extraction}). The stream's format:
 * {@code docs/replication.md}.
 */
package io.pdata.replication;
