package io.pdata.tools;

/** STUB. */
public final class Tool {}
