/**
 * The hierarchical copy-on-write B+tree: {@code u64} keys, values of one fixed size, any number of levels of trees in
 * trees.
 *
 * <p>Source: format document "persistent-data", sections 6 to 9.
 */
package io.pdata.core.btree;
