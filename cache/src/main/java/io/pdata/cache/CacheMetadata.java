package io.pdata.cache;

/** STUB. */
public final class CacheMetadata {}
