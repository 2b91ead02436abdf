package io.pdata.tools.era;

/**
 * What a dump says of an era device as a whole; all numbers are below 2^32. Source: format document "tools-xml", section 4.
 *
 * @param blockSectors the size of a block in sectors of 512 bytes
 * @param blocks how many blocks are tracked
 * @param currentEra the era that writes belong to now
 */
public record EraHeader(long blockSectors, long blocks, long currentEra) {}
