/**
 * Copy-on-write: no block of the last committed transaction is changed in place, and reference counts follow.
 *
 * <p>Source: format document "persistent-data", sections 2.4 (two-phase commit) and 3.
 */
package io.pdata.core.transaction;
