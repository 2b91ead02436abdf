/**
 * The contract of a space map - a reference count for every block - as the transaction manager needs it. The two maps
 * that live on disk are B+tree users and therefore stand higher, in {@link io.pdata.core.spacemap}.
 *
 * <p>Source: format document "persistent-data", sections 4 and 5.
 */
package io.pdata.core.space;
