package io.pdata.server;

import java.util.List;

/**
 * What a check of a pool's metadata has found.
 *
 * @param clean whether nothing is wrong
 * @param needsCheck whether the metadata are marked as in need of a check, so that they cannot be changed
 * @param findings what is wrong, and what is worth knowing; the most severe first, and not all of very many
 */
public record CheckReport(boolean clean, boolean needsCheck, List<String> findings) {}
