/**
 * A device of metadata as one thing: blocks, transactions and the metadata space map, opened, committed and rolled back
 * together.
 */
package io.pdata.core.store;
