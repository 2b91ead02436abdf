/**
 * The metadata of dm-cache, versions 1 and 2: which block of a slow origin is in which block of a fast device.
 *
 * <p>{@link io.pdata.cache.CacheMetadata} is the way in; {@link io.pdata.cache.CacheReader} reads the running
 * transaction, a {@link io.pdata.cache.CacheView} a commit. Layouts: {@link io.pdata.cache.CacheSuperblockLayout},
 * {@link io.pdata.cache.CacheMapping}. Source: format document "cache", sections 1 to 4.
 */
package io.pdata.cache;
