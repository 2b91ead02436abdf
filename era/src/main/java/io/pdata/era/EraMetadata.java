package io.pdata.era;

/** STUB. */
public final class EraMetadata {}
