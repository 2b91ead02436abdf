package io.pdata.thin;

/** STUB. */
public final class ThinMetadata {}
