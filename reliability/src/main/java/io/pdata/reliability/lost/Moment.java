package io.pdata.reliability.lost;

import io.pdata.core.device.MemoryDevice;
import java.util.Set;

/**
 * A pool at one moment of its life, with its superblock still there.
 *
 * @param life which kind of life it has had: a row of the table
 * @param name what makes it again: a file, or a seed and how many commits there were before
 * @param device the contents of the metadata device
 * @param earlier the digests of all earlier commits as text; null if they are not known
 */
record Moment(String life, String name, MemoryDevice device, Set<String> earlier) {}
