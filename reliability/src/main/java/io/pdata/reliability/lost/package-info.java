/** Pools whose superblock is lost, at many moments of their lives: which state does a repair find? */
package io.pdata.reliability.lost;
