/** Campaigns of power cuts: which states a crash can leave, and whether each of them is what was promised. */
package io.pdata.reliability.crash;
