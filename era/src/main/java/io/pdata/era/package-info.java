/**
 * The metadata of dm-era: for each block the last era in which it was written.
 *
 * <p>{@link io.pdata.era.EraMetadata} is the way in; {@link io.pdata.era.EraReader} reads the running transaction, a
 * metadata snapshot or, through an {@link io.pdata.era.EraView}, a commit. Layouts:
 * {@link io.pdata.era.EraSuperblockLayout}, {@link io.pdata.era.Writeset}. Source: format document "era", sections 1 to
 * 4.
 */
package io.pdata.era;
