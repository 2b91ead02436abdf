/** Bitsets. Source: format document "persistent-data", section 11. */
package io.pdata.core.bitset;
