/** Damaged metadata: single bits that flipped, and structures that are wrong under checksums that are right. */
package io.pdata.reliability.damage;
